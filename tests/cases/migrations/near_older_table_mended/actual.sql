-- CREATE TABLE IF NOT EXISTS met an older table, and a later file adds what it lacks.
create table public.orders (
  id bigint primary key,
  state text not null
);
alter table public.orders add column note text;
