-- Somebody ran the second file by hand, and the ledger does not know.
create table public.orders (
  id bigint primary key,
  state text not null
);
alter table public.orders add column note text;
