-- Statements of SQL in tagged templates and in calls.
create table public.requests (
  id uuid primary key default gen_random_uuid(),
  status text not null,
  slug text generated always as (lower(status)) stored
);
create table public.files (id uuid primary key default gen_random_uuid(), request_id uuid references public.requests);
