-- The table was there before the first migration, made by hand: IF NOT EXISTS added no column.
create table public.orders (
  id bigint primary key,
  state text not null
);
