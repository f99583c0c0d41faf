-- A fix whose name the tool does not see; a note that is no SQL is none.
create table public.orders (
  id bigint primary key,
  state text not null
);
