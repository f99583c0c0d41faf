-- The contract wants the column note: that it is missing follows from the migration that met an older table.
create table public.orders (
  id bigint primary key,
  state text not null
);
