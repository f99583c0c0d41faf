-- Every value is one of its column, in each operator.
create type public.request_status as enum ('pending', 'accepted', 'cancelled');
create domain public.rank as integer check (value > 0);
create table public.requests (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  status public.request_status not null default 'pending',
  kind text,
  code varchar(4),
  minutes integer,
  open boolean,
  tags text[],
  metadata jsonb,
  rank public.rank
);
