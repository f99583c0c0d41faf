create index docs_place on public.docs using nearest (place);
