-- The session requests of a marketplace for mechanics, as they should be.
--
-- Run after platform.sql. A visitor fills in an intake form; this creates an
-- intake, a session, its participant, and a request that mechanics see on their
-- dashboard until one of them accepts it.
--
-- A request names its session in metadata ->> 'session_id'.

set role app_owner;

-- Types ----------------------------------------------------------------------

create type public.session_type as enum ('chat', 'video', 'diagnostic');
create type public.session_participant_role as enum ('customer', 'mechanic');
create type public.session_request_status as enum ('pending', 'accepted', 'cancelled');

-- Tables ---------------------------------------------------------------------

create table public.intakes (
  id         uuid primary key default gen_random_uuid(),
  created_at timestamptz default now(),
  plan       text not null,
  name       text,
  email      text,
  phone      text,
  vin        text,
  year       text,
  make       text,
  model      text,
  odometer   text,
  plate      text,
  city       text,
  concern    text,
  files      jsonb default '[]',
  urgent     boolean
);

create table public.profiles (
  id         uuid primary key references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  full_name  text,
  phone      text,
  role       text not null default 'customer',
  email      text,
  metadata   jsonb default '{}',
  constraint profiles_role_check check (role in ('customer', 'mechanic', 'admin'))
);

create table public.mechanics (
  id         uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  name       text,
  email      text not null unique,
  phone      text,
  -- Maps the id of an account to the mechanic's own id.
  user_id    uuid references auth.users (id) on delete set null
);

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

create table public.session_requests (
  id                   uuid primary key default gen_random_uuid(),
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  customer_id          uuid not null references auth.users (id) on delete cascade,
  mechanic_id          uuid references public.mechanics (id) on delete set null,
  session_type         public.session_type not null,
  plan_code            text not null,
  status               public.session_request_status not null default 'pending',
  customer_name        text,
  customer_email       text,
  notes                text,
  accepted_at          timestamptz,
  notification_sent_at timestamptz,
  metadata             jsonb not null default '{}'
);

create index session_requests_status_idx on public.session_requests (status);
create index session_requests_created_at_idx on public.session_requests (created_at);
create index session_requests_session_id_idx on public.session_requests ((metadata ->> 'session_id'));

-- updated_at -----------------------------------------------------------------

create function public.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create function public.touch_session_requests_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger trg_profiles_updated before update on public.profiles
  for each row execute function public.touch_updated_at();
create trigger trg_sessions_updated before update on public.sessions
  for each row execute function public.touch_updated_at();
create trigger trg_session_requests_updated before update on public.session_requests
  for each row execute function public.touch_session_requests_updated_at();

-- Who may do what ------------------------------------------------------------
-- The application's server works as service_role. Browsers work as
-- authenticated and read little; visitors (anon) read nothing at all. The
-- sub-selects around auth.uid() make it run once per query, not once per row.

revoke all on public.intakes, public.profiles, public.mechanics, public.sessions,
  public.session_participants, public.session_requests from anon, authenticated;

grant select on public.profiles, public.mechanics, public.sessions, public.session_participants to authenticated;
grant select, insert, update on public.session_requests to authenticated;

revoke all on public.session_requests from service_role;
grant select, insert, update, delete on public.session_requests to service_role;

alter table public.intakes enable row level security;
alter table public.profiles enable row level security;
alter table public.mechanics enable row level security;
alter table public.sessions enable row level security;
alter table public.session_participants enable row level security;
alter table public.session_requests enable row level security;

create policy "Users can view own profile" on public.profiles
  for select to authenticated
  using (id = (select auth.uid()));

create policy "Mechanics can view own record" on public.mechanics
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy "Customers can view own sessions" on public.sessions
  for select to authenticated
  using (customer_user_id = (select auth.uid()));

create policy "Mechanics can view own sessions" on public.sessions
  for select to authenticated
  using (mechanic_id in (select m.id from public.mechanics m where m.user_id = (select auth.uid())));

create policy "Participants can view themselves" on public.session_participants
  for select to authenticated
  using (user_id = (select auth.uid()));

create policy "Customers can create own requests" on public.session_requests
  for insert to authenticated
  with check (customer_id = (select auth.uid()) and status = 'pending' and mechanic_id is null);

create policy "Customers can view own requests" on public.session_requests
  for select to authenticated
  using (customer_id = (select auth.uid()));

create policy "Customers can cancel own requests" on public.session_requests
  for update to authenticated
  using (customer_id = (select auth.uid()) and status = 'pending')
  with check (customer_id = (select auth.uid()) and status = 'cancelled');

create policy "Mechanics can view pending requests" on public.session_requests
  for select to authenticated
  using (
    status = 'pending'
    and mechanic_id is null
    and exists (select 1 from public.mechanics m where m.user_id = (select auth.uid()))
  );

-- Mechanics accept requests through the server, which has its own login for
-- them.
create policy "Allow service role full access" on public.session_requests
  for all to service_role
  using (true)
  with check (true);

-- Dashboards learn of new requests through realtime --------------------------

alter publication supabase_realtime add table public.session_requests;

reset role;
