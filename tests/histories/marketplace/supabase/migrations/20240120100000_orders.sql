create type public.order_status as enum ('open', 'paid', 'shipped');

create table public.orders (
  id uuid primary key default gen_random_uuid(),
  buyer_id uuid not null references public.profiles (id),
  status public.order_status not null default 'open',
  created_at timestamptz not null default now()
);
create table public.order_items (
  order_id uuid not null references public.orders (id) on delete cascade,
  listing_id uuid not null references public.listings (id),
  price numeric(10, 2) not null,
  primary key (order_id, listing_id)
);
alter table public.orders enable row level security;
alter table public.order_items enable row level security;
create policy "Buyers see theirs" on public.orders for select using (buyer_id = auth.uid());
