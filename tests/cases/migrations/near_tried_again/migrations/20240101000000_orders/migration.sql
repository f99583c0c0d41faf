create table public.orders (id bigint primary key, state text not null);
