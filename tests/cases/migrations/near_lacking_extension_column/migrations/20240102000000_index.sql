create index docs_place on public.docs using hnsw (place);
