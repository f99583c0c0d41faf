CREATE INDEX "Invoice_dueAt_idx" ON "Invoice"("dueAt");
