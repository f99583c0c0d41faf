create type public.listing_status as enum ('draft', 'listed', 'sold');

create table public.listings (
  id uuid primary key default gen_random_uuid(),
  seller_id uuid not null references public.profiles (id) on delete cascade,
  category_id bigint references public.categories (id),
  title text not null,
  price numeric(10, 2) not null check (price >= 0),
  status public.listing_status not null default 'draft',
  created_at timestamptz not null default now()
);
create index listings_seller_idx on public.listings (seller_id);
create index listings_listed_idx on public.listings (created_at desc) where status = 'listed';
alter table public.listings enable row level security;
create policy "Listed or own" on public.listings for select
  using (status = 'listed' or seller_id = auth.uid());
create policy "Sellers write" on public.listings for all
  using (seller_id = auth.uid()) with check (seller_id = auth.uid());
