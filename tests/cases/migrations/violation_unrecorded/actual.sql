-- The last file was not applied.
create table public.orders (
  id bigint primary key,
  state text not null
);
