create extension no_such_extension;
create table public.orders (
  id uuid primary key default made_by_it(),
  state text not null
);
