-- A table, a schema and columns that are misspelt, renamed, or not exposed, at each place of a request.
create schema billing;
create table public.mechanics (id uuid primary key default gen_random_uuid(), full_name text, rating numeric);
create table public.session_requests (
  id uuid primary key default gen_random_uuid(),
  mechanic_id uuid references public.mechanics,
  status text not null default 'pending',
  notes text,
  metadata jsonb
);
create view public.open_requests as select id, status from public.session_requests;
create table billing.invoices (id uuid primary key, amount numeric not null);
