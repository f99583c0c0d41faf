create or replace view public.v as select id, state, m from public.orders where state in ('x','y');
alter table public.orders add constraint c2 check (id > 0) not valid;
alter type public.mood add value 'c';
