-- The private server lacks an extension: a column whose type it brings was not made there, so nothing is known of the
-- index on it, nor of the view; what it brings besides a type is not known either.
create table public.docs (id bigint primary key);
