-- All is recorded, and all is there.
create table public.orders (
  id bigint primary key,
  state text not null
);
alter table public.orders add column note text;
