-- The recorded statements have other line ends and semicolons than the file: it was not edited.
create table public.orders (
  id bigint primary key,
  state text not null
);
