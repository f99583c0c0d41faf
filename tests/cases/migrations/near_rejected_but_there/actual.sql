-- The server rejects the file, but here its statements were run by hand: a warning.
create table public.orders (
  id bigint primary key,
  state text not null
);
create table public.notes (id bigint primary key);
