CREATE VIEW "OpenInvoice" AS SELECT "id", "total", "number" FROM "Invoice" WHERE "status" = 'OPEN';
