create table public.notes (id bigint primary key);
create type if not exists public.mood as enum ('a');
alter table public.notes enable row level security;
create policy if not exists reading on public.notes for select using (true);
