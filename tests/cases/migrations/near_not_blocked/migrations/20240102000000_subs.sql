create table public.subs (id bigint primary key);
