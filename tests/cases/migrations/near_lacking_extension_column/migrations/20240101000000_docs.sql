create extension if not exists vector;
create table public.docs (id bigint primary key);
alter table public.docs add column place vector(3);
