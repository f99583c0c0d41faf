create table public.profiles (id bigint primary key, note text);
