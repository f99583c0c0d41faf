-- Of the two columns of the unrecorded file one is there: it is not said that all are.
create table public.orders (
  id bigint primary key,
  state text not null
);
alter table public.orders add column note text;
