-- The billing of a service, with migrations of Prisma: some failed and were resolved by hand, some were only recorded, one
-- was pasted. A line that begins with \i runs that file of the folder.
\i 20230105101500_init/migration.sql
\i 20230112090000_plans/migration.sql
\i 20230119090000_subscriptions/migration.sql
\i 20230126090000_invoices/migration.sql
\i 20230202090000_payments/migration.sql
\i 20230209090000_usage/migration.sql
\i 20230216090000_invoice_number/migration.sql
\i 20230223090000_past_due/migration.sql
\i 20230302090000_past_due_index/migration.sql
create index "UsageRecord_subscriptionId_at_idx" on "UsageRecord"("subscriptionId", "at");
-- As 20230330090000_tax was when it was applied.
create table "TaxRate" ("country" char(2) not null, "rate" decimal(5,2) not null, constraint "TaxRate_pkey" primary key ("country"));
\i 20230406090000_coupons/migration.sql
\i 20230413090000_api_keys/migration.sql
\i 20230427090000_line_vat/migration.sql
\i 20230504090000_currency/migration.sql
\i 20230518090000_dunning_rules/migration.sql
-- An older table than that of 20230525090000_credit_notes.
create table "CreditNote" ("id" text not null, "invoiceId" text not null, "amount" integer not null, constraint "CreditNote_pkey" primary key ("id"));
create index "CreditNote_invoiceId_idx" on "CreditNote"("invoiceId");
-- Pasted into psql.
\i 20230608090000_email_lower/migration.sql
\i 20230615090000_trial_days/migration.sql
\i 20230706090000_wide_totals/migration.sql
\i 20230713090000_open_invoices/migration.sql
\i 20230803090000_due_at/migration.sql

-- By hand.
alter table "Plan" alter column "trialDays" set default 30;
alter table "Payment" drop constraint "Payment_amount_check";
