-- The ledger of golang-migrate is dirty.
create table public.orders (
  id bigint primary key,
  state text not null
);
