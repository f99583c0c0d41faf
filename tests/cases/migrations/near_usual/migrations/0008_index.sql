create table public.d (id bigint primary key, note text);
create index d_note on public.d (note);
