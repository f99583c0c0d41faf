create table public.lines (id bigint primary key);
