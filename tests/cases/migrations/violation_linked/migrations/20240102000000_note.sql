create table if not exists public.orders (
  id bigint primary key,
  state text not null,
  note text
);
