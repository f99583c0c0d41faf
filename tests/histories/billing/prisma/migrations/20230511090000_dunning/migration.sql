ALTER TABLE "Invoice" ADD COLUMN "dunningRuleId" TEXT;
ALTER TABLE "Invoice" ADD CONSTRAINT "Invoice_dunningRuleId_fkey" FOREIGN KEY ("dunningRuleId") REFERENCES "DunningRule"("id");
