begin;
create table public.orders (id bigint);
commit;
