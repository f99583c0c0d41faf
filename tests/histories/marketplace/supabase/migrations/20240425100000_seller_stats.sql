create table if not exists public.seller_stats (
  seller_id uuid primary key references public.profiles (id),
  sold integer not null default 0,
  rating numeric(3, 2),
  reviewed integer not null default 0
);
comment on table public.seller_stats is 'Counted each night';
