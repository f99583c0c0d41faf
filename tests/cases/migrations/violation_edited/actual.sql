-- The file has a column more than what was applied, and the database has it, too.
create table public.orders (
  id bigint primary key,
  state text not null,
  more text
);
