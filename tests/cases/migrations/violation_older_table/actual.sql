-- CREATE TABLE IF NOT EXISTS met an older table, that of a file before it: the column note was never added.
create table public.orders (
  id bigint primary key,
  state text not null
);
