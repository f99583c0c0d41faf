create table public.favourites (
  profile_id uuid references public.profiles (id) on delete cascade,
  listing_id uuid references public.listings (id) on delete cascade,
  primary key (profile_id, listing_id)
);
