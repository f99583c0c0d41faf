create table public.orders (id bigint);
