-- The file drops the column, and it is still there.
create table public.orders (
  id bigint primary key,
  state text not null
);
