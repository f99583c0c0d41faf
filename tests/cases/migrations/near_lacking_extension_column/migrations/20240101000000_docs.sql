create extension if not exists places;
create table public.docs (id bigint primary key);
alter table public.docs add column place spot(3);
