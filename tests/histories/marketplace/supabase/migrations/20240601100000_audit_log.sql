create table public.audit_log (
  id bigint generated always as identity primary key,
  actor uuid default auth.uid(),
  deed text not null,
  at timestamptz not null default now()
);
