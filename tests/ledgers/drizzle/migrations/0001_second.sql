ALTER TABLE "a" ADD COLUMN "b" integer;
-- added
