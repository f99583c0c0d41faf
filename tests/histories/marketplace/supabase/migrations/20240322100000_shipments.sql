create table public.shipments (
  id bigint generated always as identity primary key,
  order_id uuid not null,
  carrier text not null,
  tracking text
);
alter table public.shipments enable row level security;
