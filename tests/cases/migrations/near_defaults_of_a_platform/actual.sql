-- Privileges that the platform gives by default differ from those of the private server: no file states them.
create table public.orders (
  id bigint primary key,
  state text not null
);
grant select on public.orders to case_reader;
