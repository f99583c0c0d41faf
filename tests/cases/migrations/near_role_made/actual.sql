-- Whoever makes a role that is no superuser is a member of it by itself, since PostgreSQL 16; a superuser is not.
create table public.orders (
  id bigint primary key,
  state text not null
);
alter table public.orders add column note text;
