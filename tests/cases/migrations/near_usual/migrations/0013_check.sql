create table public.kinds (name text primary key);
create table public.f (id bigint primary key, note text);
alter table public.f add foreign key (note) references public.kinds, add check (note <> '(select 1)');
