create table public.orders (id bigint constraint orders_pkey primary key, memo text not null default 'x');
create index orders_memo on public.orders (memo);
create function public.total(a integer) returns integer language sql as 'select a';
comment on table public.orders is 'what was bought';
