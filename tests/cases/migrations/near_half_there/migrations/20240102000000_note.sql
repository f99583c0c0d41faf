alter table public.orders add column note text;
alter table public.orders add column more text;
