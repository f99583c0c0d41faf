-- Tables as an application of session requests has them, and traps for what reads code.
create schema auth;
create schema private;
create table auth.users (id uuid primary key, email varchar(255));
create type public.session_type as enum ('chat', 'video', 'diagnostic');
create type public.session_request_status as enum ('pending', 'accepted', 'cancelled');
create domain public.plan_code as text check (value <> '');
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  full_name text,
  role text not null default 'customer' check (role in ('customer', 'mechanic', 'admin')),
  email text
);
create table public.mechanics (
  id uuid primary key default gen_random_uuid(),
  name text,
  email text not null unique,
  user_id uuid references auth.users
);
create table public.intakes (id uuid primary key default gen_random_uuid(), plan text not null, files jsonb);
create table public.sessions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  plan text not null,
  type public.session_type not null,
  status text default 'pending',
  stripe_session_id text not null unique,
  intake_id uuid references public.intakes,
  customer_user_id uuid references public.profiles,
  mechanic_id uuid references public.mechanics,
  metadata jsonb not null default '{}',
  minutes integer check (minutes between 1 and 240),
  price numeric(8, 2),
  tags text[],
  code varchar(8),
  search tsvector,
  period tstzrange,
  constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled'))
);
create unique index sessions_one_active on public.sessions (customer_user_id) where status in ('pending', 'live');
create table public.session_participants (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references public.sessions on delete cascade,
  user_id uuid not null references public.profiles,
  unique (session_id, user_id)
);
create table public.session_requests (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  customer_id uuid not null references auth.users,
  mechanic_id uuid references public.mechanics,
  parent_session_id uuid references public.sessions,
  session_type public.session_type not null,
  plan_code public.plan_code not null,
  status public.session_request_status not null default 'pending',
  notes text,
  metadata jsonb not null default '{}'
);
-- Two ways to one table, and a self-reference.
create table public.messages (
  id bigint generated always as identity primary key,
  sender_id uuid not null constraint messages_sender_fkey references public.profiles,
  receiver_id uuid constraint messages_receiver_fkey references public.profiles,
  reply_to bigint references public.messages,
  body text not null,
  length integer generated always as (char_length(body)) stored
);
-- Many to many: by the key of the table between, and by one whose key has nothing of it.
create table public.skills (id integer primary key, name text not null);
create table public.mechanic_skills (
  mechanic_id uuid references public.mechanics,
  skill_id integer references public.skills,
  level integer,
  primary key (mechanic_id, skill_id)
);
create table public.tools (id integer primary key, name text);
create table public.mechanic_tools (
  id serial primary key,
  mechanic_id uuid references public.mechanics,
  tool_id integer references public.tools
);
create table public.filled (id integer primary key, slug text not null, kind text not null check (kind <> 'bad'));
create function public.fill() returns trigger language plpgsql as $$ begin new.slug := 'x'; return new; end $$;
create trigger fill before insert on public.filled for each row execute function public.fill();
create view public.open_sessions as
  select s.id, s.customer_user_id as customer, s.mechanic_id, s.status, s.plan from public.sessions s;
create table private.secrets (id integer primary key, owner_id uuid references public.profiles);
-- Functions.
create function public.accept_request(request_id uuid, mechanic uuid default null) returns boolean
  language sql as $$ select true $$;
create function public.sessions_of(customer uuid) returns setof public.sessions language sql stable as
  $$ select * from public.sessions where customer_user_id = customer $$;
create function public.set_status(session uuid, new_status public.session_request_status) returns void
  language sql as $$ select $$;
create function public.ambiguous(a integer) returns integer language sql as $$ select 1 $$;
create function public.ambiguous(a text) returns integer language sql as $$ select 1 $$;
create function public.whole(jsonb) returns integer language sql as $$ select 1 $$;
create function public.title(public.sessions) returns text language sql stable as $$ select $1.plan $$;
create function public.customer(public.sessions) returns setof public.profiles rows 1 language sql stable as
  $$ select * from public.profiles where id = $1.customer_user_id $$;
create function public.is_word(text) returns boolean language sql immutable as $$ select 1 / 0 = 0 $$;
create domain public.guarded_text as text check (public.is_word(value));
create domain public.guarded_word as public.guarded_text;
create table public.guarded (id integer primary key, word public.guarded_word);
create table public.pairs (
  id integer primary key,
  low integer,
  high integer,
  note text default 'x',
  constraint in_order check (low < high),
  constraint one_is_known check (low is not null or note is not null)
);
-- Rows of one table in several.
create table public.readings (id integer, at timestamptz not null) partition by range (at);
create table public.readings_2025 partition of public.readings for values from ('2025-01-01') to ('2026-01-01');
-- What statements of SQL write into: a domain, a view that swaps two names, and a trigger of one partition.
create schema written;
create domain written.amount as integer not null;
create table written.limits (id integer, amount written.amount);
create function written.refuse(text) returns boolean language plpgsql as $$ begin raise 'it was run'; end $$;
create domain written.address as text not null check (written.refuse(value));
create domain written.own_address as written.address;
create table written.accounts (id integer not null, address written.own_address);
create table written.pairs (a integer not null, b integer);
create view written.swapped as select a as b, b as a from written.pairs;
create table written.parts (id integer, slug text not null) partition by list (id);
create table written.parts_1 partition of written.parts for values in (1);
create function written.fill() returns trigger language plpgsql as $$ begin new.slug := 'x'; return new; end $$;
create trigger fill before insert on written.parts_1 for each row execute function written.fill();
