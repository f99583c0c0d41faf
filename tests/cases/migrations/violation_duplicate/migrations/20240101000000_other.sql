create table public.other (id bigint primary key);
