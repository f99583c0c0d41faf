create index listings_title_idx on public.listings using gin (title extensions.gin_trgm_ops);
