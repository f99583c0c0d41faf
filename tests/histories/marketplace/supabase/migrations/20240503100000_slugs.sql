create function public.slug(words text) returns text language sql immutable as $$ select lower(words) $$;
create function public.slug(words text, extra text) returns text language sql immutable as $$ select lower(words || '-' || extra) $$;
