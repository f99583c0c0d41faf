ALTER TABLE "Invoice" ADD COLUMN "number" TEXT;
CREATE UNIQUE INDEX "Invoice_number_key" ON "Invoice"("number");
