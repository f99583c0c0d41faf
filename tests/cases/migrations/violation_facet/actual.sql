-- The column is there, but the file that makes it NOT NULL was not applied, whatever the ledger says.
create table public.orders (
  id bigint primary key,
  state text not null
);
