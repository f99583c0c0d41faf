CREATE VIEW "OpenInvoice" AS SELECT "id", "total" FROM "Invoice" WHERE "status" = 'OPEN';
