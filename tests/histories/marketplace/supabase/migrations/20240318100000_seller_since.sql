alter table public.profiles add column seller_since date;
