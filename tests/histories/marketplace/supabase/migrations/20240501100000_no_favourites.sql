drop table public.favourites;
