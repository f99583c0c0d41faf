-- There is no ledger: nothing is said of what was applied, and it is said that nothing is.
create table public.orders (
  id bigint primary key,
  state text not null
);
