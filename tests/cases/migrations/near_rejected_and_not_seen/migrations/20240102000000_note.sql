create table public.notes (id bigint primary key);
create type if not exists public.mood as enum ('a');
