create type if not exists public.mood as enum ('sad', 'ok');
