CREATE INDEX CONCURRENTLY "Payment_invoiceId_idx" ON "Payment"("invoiceId");
CREATE INDEX CONCURRENTLY "Payment_paidAt_idx" ON "Payment"("paidAt");
