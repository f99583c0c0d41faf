-- Failures that functions of other files pass on, and that somebody there hears of.
create table public.sessions (id uuid primary key default gen_random_uuid(), status text);
create table public.requests (id uuid primary key default gen_random_uuid(), session_id uuid, notes text);
