-- What files make of many kinds, read from two servers: nothing that is printed, or given by default, is taken for drift.
create type public.mood as enum ('a', 'b');
create table public.orders (id bigserial primary key, state text not null default 'x' check (state in ('x','y')), m public.mood default 'a', at timestamptz default now());
create view public.v as select id, state from public.orders where state in ('x','y');
create function public.f(a int) returns int language sql as $$ select a + 1 $$;
create index orders_at on public.orders (at) where state <> 'x';
alter table public.orders enable row level security;
create policy p on public.orders for select using (state = 'x' or id in (1,2));
comment on table public.orders is 'x';
grant select on public.orders to public;
create or replace view public.v as select id, state, m from public.orders where state in ('x','y');
alter table public.orders add constraint c2 check (id > 0) not valid;
alter type public.mood add value 'c';
