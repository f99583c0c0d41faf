-- Errors that nobody hears of: not looked at, only logged, thrown into a catch that only logs, never sent.
create table public.sessions (id uuid primary key default gen_random_uuid(), status text);
create table public.requests (id uuid primary key default gen_random_uuid(), session_id uuid, notes text);
create function public.accept(request_id uuid) returns void language sql as $$ select $$;
