-- The ledger has a migration without a file.
create table public.orders (
  id bigint primary key,
  state text not null
);
