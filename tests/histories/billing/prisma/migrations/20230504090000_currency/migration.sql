CREATE DOMAIN "Currency" AS CHAR(3) CONSTRAINT "Currency_check" CHECK (VALUE = upper(VALUE));
ALTER TABLE "Plan" ADD COLUMN "currency" "Currency" NOT NULL DEFAULT 'EUR';
