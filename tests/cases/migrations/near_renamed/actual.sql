-- The table has another name since the second file: under its old one it is not missed.
create table public.purchases (
  id bigint constraint orders_pkey primary key,
  state text not null
);
