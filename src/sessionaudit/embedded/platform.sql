-- A stand-in for a Supabase database on plain PostgreSQL, 13 to 18.
--
-- Run by a superuser in an empty database, before the rest. Roles belong to
-- the whole cluster, so they are created only if they do not exist; everything
-- else is created in this database.
--
-- The role "postgres" of Supabase is "app_owner" here: not a superuser, but the
-- owner of the application's tables. In most clusters the role postgres is a
-- real superuser, which bypasses row security and privileges.

-- Roles ----------------------------------------------------------------------

do $$
declare
  wanted record;
begin
  -- Several databases of one cluster may be set up at the same time.
  lock table pg_catalog.pg_authid in share row exclusive mode;

  for wanted in
    select *
    from (values
      ('anon',                'nologin noinherit'),
      ('authenticated',       'nologin noinherit'),
      ('service_role',        'nologin noinherit bypassrls'),
      ('authenticator',       'login noinherit'),
      ('supabase_auth_admin', 'login noinherit createrole'),
      ('app_owner',           'login createdb createrole bypassrls')
    ) as roles (name, attributes)
    where not exists (select from pg_catalog.pg_roles where rolname = roles.name)
  loop
    execute format('create role %I %s', wanted.name, wanted.attributes);
  end loop;

  for wanted in
    select api.name as role, member.name as member
    from (values ('anon'), ('authenticated'), ('service_role')) as api (name)
    cross join (values ('authenticator'), ('app_owner')) as member (name)
    where not pg_catalog.pg_has_role(member.name, api.name, 'member')
  loop
    execute format('grant %I to %I', wanted.role, wanted.member);
  end loop;

  execute format('grant create, connect, temporary on database %I to app_owner', current_database());
end
$$;

-- Accounts -------------------------------------------------------------------

create schema auth authorization supabase_auth_admin;

create table auth.users (
  id                 uuid primary key,
  aud                varchar(255),
  role               varchar(255),
  email              varchar(255),
  encrypted_password varchar(255),
  raw_app_meta_data  jsonb,
  raw_user_meta_data jsonb,
  created_at         timestamptz,
  is_sso_user        boolean not null default false,
  is_anonymous       boolean not null default false
);

-- No policy: only the owner and roles that bypass row security see accounts.
alter table auth.users enable row level security;

-- The user of a request: PostgREST writes the claims of the request's token
-- into settings of the transaction; older releases use one setting per claim,
-- newer ones a single setting.

create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

alter table auth.users owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
alter function auth.jwt() owner to supabase_auth_admin;

-- app_owner may read accounts and reference them by foreign keys, but cannot
-- alter or index the table, or create anything in the schema.
grant usage on schema auth to anon, authenticated, service_role, app_owner;
grant select, insert, update, delete, references, trigger on auth.users to app_owner;

-- The application's schemas --------------------------------------------------

create schema extensions authorization app_owner;
grant usage on schema extensions to anon, authenticated, service_role;

grant usage, create on schema public to app_owner;
grant usage on schema public to anon, authenticated, service_role;

-- Projects created before the autumn of 2026 grant every new object in public
-- to the API roles; only row security restricts them.
alter default privileges for role app_owner in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role app_owner in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges for role app_owner in schema public
  grant all on functions to anon, authenticated, service_role;

-- Files ----------------------------------------------------------------------
-- Buckets and policies on objects are what migrations add. On the platform the
-- role postgres may do that without owning the tables.

create schema storage authorization app_owner;
grant usage on schema storage to anon, authenticated, service_role;

create table storage.buckets (
  id                 text primary key,
  name               text not null unique,
  owner              uuid,
  created_at         timestamptz default now(),
  updated_at         timestamptz default now(),
  public             boolean default false,
  avif_autodetection boolean default false,
  file_size_limit    bigint,
  allowed_mime_types text[],
  owner_id           text
);

create table storage.objects (
  id               uuid primary key default gen_random_uuid(),
  bucket_id        text references storage.buckets (id),
  name             text,
  owner            uuid,
  created_at       timestamptz default now(),
  updated_at       timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata         jsonb,
  path_tokens      text[] generated always as (string_to_array(name, '/')) stored,
  version          text,
  owner_id         text,
  user_metadata    jsonb
);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;

create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1:array_length(string_to_array(name, '/'), 1) - 1]
$$;

create function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]
$$;

create function storage.extension(name text) returns text language sql immutable as $$
  select reverse(split_part(reverse(storage.filename(name)), '.', 1))
$$;

alter table storage.buckets owner to app_owner;
alter table storage.objects owner to app_owner;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role;

-- Realtime -------------------------------------------------------------------

create publication supabase_realtime;
alter publication supabase_realtime owner to app_owner;
