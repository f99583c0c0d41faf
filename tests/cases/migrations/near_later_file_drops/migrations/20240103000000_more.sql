alter table public.orders drop column note;
