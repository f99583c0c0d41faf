alter table public.orders drop column state;
