alter table public.orders alter state drop not null;
