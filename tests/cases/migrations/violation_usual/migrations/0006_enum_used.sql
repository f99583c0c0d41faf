alter type public.state add value 'done';
create table public.c (id bigint primary key, state public.state default 'done');
