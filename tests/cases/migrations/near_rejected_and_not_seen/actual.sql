-- The server rejects a statement, and what it names is not there, although all that the others make is.
create table public.orders (
  id bigint primary key,
  state text not null
);
create table public.notes (id bigint primary key);
