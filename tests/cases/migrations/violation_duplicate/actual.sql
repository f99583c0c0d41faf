-- Two files have one version: the ledger has a row for one of them.
create table public.orders (
  id bigint primary key,
  state text not null
);
create table public.other (id bigint primary key);
