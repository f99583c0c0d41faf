create extension "uuid-ossp";
create table public.orders (
  id uuid primary key default uuid_generate_v4(),
  state text not null
);
