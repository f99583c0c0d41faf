create table if not exists public.orders (id bigint primary key, note text);
