create table public.d (id bigint primary key, note text);
create index concurrently d_note on public.d (note);
