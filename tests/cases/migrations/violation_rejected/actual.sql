-- CREATE TYPE has no IF NOT EXISTS: the server rejects the file, and the ledger says that it was applied.
-- The table of its other statement is not there.
create table public.orders (
  id bigint primary key,
  state text not null
);
