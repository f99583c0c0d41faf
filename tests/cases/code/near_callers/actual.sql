-- Calls that look as if they lost a failure that a function of another file passes on, and do not.
create table public.sessions (id uuid primary key default gen_random_uuid(), status text);
create table public.requests (id uuid primary key default gen_random_uuid(), session_id uuid, notes text);
