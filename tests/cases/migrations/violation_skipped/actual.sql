-- The second file was never applied, and the third one was.
create table public.orders (
  id bigint primary key,
  state text not null
);
create index orders_state on public.orders (state);
