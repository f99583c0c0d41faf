alter table public.order_items alter column price type numeric(12, 2);
