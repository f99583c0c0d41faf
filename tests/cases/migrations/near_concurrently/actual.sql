-- Supabase runs a file with CONCURRENTLY statement by statement: it is not rejected. An empty file does nothing.
create table public.d (id bigint primary key, note text);
create index d_note on public.d (note);
