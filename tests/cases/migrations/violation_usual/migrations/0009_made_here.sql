create table public.e (id bigint primary key, note text);
