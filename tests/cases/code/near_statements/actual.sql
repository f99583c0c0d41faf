-- Texts that look like statements, and are none; names that a statement makes itself.
create table public.requests (
  id uuid primary key default gen_random_uuid(),
  status text not null,
  slug text generated always as (lower(status)) stored
);
create table public.files (id uuid primary key default gen_random_uuid(), request_id uuid references public.requests);
