-- Written by somebody who did not see 20240401100000_coupons.sql: the table is there, and no column comes.
create table if not exists public.coupons (
  code text primary key,
  percent smallint not null,
  valid_until date
);
