create role case_migrated;
alter table public.orders add column note text;
