-- Sessions, and who takes part in them.

create type public.session_type as enum ('chat', 'video', 'diagnostic');
create type public.session_participant_role as enum ('customer', 'mechanic');

create table public.sessions (
  id                uuid primary key default gen_random_uuid(),
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  plan              text not null,
  type              public.session_type not null,
  status            text default 'pending',
  stripe_session_id text not null unique,
  intake_id         uuid references public.intakes (id) on delete set null,
  -- Null for visitors without an account.
  customer_user_id  uuid references auth.users (id) on delete set null,
  mechanic_id       uuid,
  metadata          jsonb not null default '{}',
  constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled'))
);

create unique index sessions_one_active_per_customer on public.sessions (customer_user_id)
  where status in ('pending', 'waiting', 'live');
create unique index sessions_one_active_per_mechanic on public.sessions (mechanic_id)
  where status in ('pending', 'waiting', 'live');

create table public.session_participants (
  id         uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  session_id uuid not null references public.sessions (id) on delete cascade,
  user_id    uuid not null references auth.users (id) on delete cascade,
  role       public.session_participant_role not null,
  metadata   jsonb not null default '{}',
  unique (session_id, user_id)
);

create trigger trg_sessions_updated before update on public.sessions
  for each row execute function public.touch_updated_at();

revoke all on public.sessions, public.session_participants from anon, authenticated;
grant select on public.sessions, public.session_participants to authenticated;

alter table public.sessions enable row level security;
alter table public.session_participants enable row level security;

create policy "Customers can view own sessions" on public.sessions
  for select to authenticated
  using (customer_user_id = (select auth.uid()));

create policy "Mechanics can view own sessions" on public.sessions
  for select to authenticated
  using (mechanic_id in (select m.id from public.mechanics m where m.user_id = (select auth.uid())));

create policy "Participants can view themselves" on public.session_participants
  for select to authenticated
  using (user_id = (select auth.uid()));
