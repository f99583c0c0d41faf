create table public.f (id bigint primary key, note text);
alter table public.f add check (note in (select note from public.e));
