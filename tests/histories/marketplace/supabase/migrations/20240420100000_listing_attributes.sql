create table if not exists public.listings (
  id uuid primary key default gen_random_uuid(),
  seller_id uuid not null,
  title text not null,
  price numeric(10, 2) not null,
  attributes jsonb not null default '{}'
);
