-- Who there is: what customers wrote into the form, accounts, and mechanics.

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

create function public.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create trigger trg_profiles_updated before update on public.profiles
  for each row execute function public.touch_updated_at();

-- The application's server works as service_role. Browsers work as
-- authenticated and read little; visitors (anon) read nothing at all. The
-- sub-selects around auth.uid() make it run once per query, not once per row.

revoke all on public.intakes, public.profiles, public.mechanics from anon, authenticated;
grant select on public.profiles, public.mechanics to authenticated;

alter table public.intakes enable row level security;
alter table public.profiles enable row level security;
alter table public.mechanics enable row level security;

create policy "Users can view own profile" on public.profiles
  for select to authenticated
  using (id = (select auth.uid()));

create policy "Mechanics can view own record" on public.mechanics
  for select to authenticated
  using (user_id = (select auth.uid()));
