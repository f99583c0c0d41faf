create table public.listing_views (
  listing_id uuid not null references public.listings (id) on delete cascade,
  day date not null default current_date,
  views integer not null default 0,
  primary key (listing_id, day)
);
alter table public.reviews alter column words set not null;
