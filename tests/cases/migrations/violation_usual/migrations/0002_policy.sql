create table public.a (id bigint primary key, note text);
create policy if not exists own on public.a using (true);
