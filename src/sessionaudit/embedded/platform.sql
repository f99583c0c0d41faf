-- A stand-in for a Supabase database on plain PostgreSQL, 13 to 18.
--
-- Run by a superuser in an empty database, before system.sql. Roles belong to
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
      ('supabase_storage_admin', 'login noinherit createrole'),
      ('supabase_realtime_admin', 'nologin noinherit'),
      ('supabase_admin',      'nologin'),
      ('dashboard_user',      'nologin createdb createrole'),
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
  instance_id                 uuid,
  id                          uuid primary key,
  aud                         varchar(255),
  role                        varchar(255),
  email                       varchar(255),
  encrypted_password          varchar(255),
  email_confirmed_at          timestamptz,
  invited_at                  timestamptz,
  confirmation_token          varchar(255),
  confirmation_sent_at        timestamptz,
  recovery_token              varchar(255),
  recovery_sent_at            timestamptz,
  email_change_token_new      varchar(255),
  email_change                varchar(255),
  email_change_sent_at        timestamptz,
  last_sign_in_at             timestamptz,
  raw_app_meta_data           jsonb,
  raw_user_meta_data          jsonb,
  is_super_admin              boolean,
  created_at                  timestamptz,
  updated_at                  timestamptz,
  phone                       text unique,
  phone_confirmed_at          timestamptz,
  phone_change                text default '',
  phone_change_token          varchar(255) default '',
  phone_change_sent_at        timestamptz,
  confirmed_at                timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current  varchar(255) default '',
  email_change_confirm_status smallint default 0,
  banned_until                timestamptz,
  reauthentication_token      varchar(255) default '',
  reauthentication_sent_at    timestamptz,
  is_sso_user                 boolean not null default false,
  deleted_at                  timestamptz,
  is_anonymous                boolean not null default false
);

create table auth.identities (
  provider_id     text not null,
  user_id         uuid not null references auth.users on delete cascade,
  identity_data   jsonb not null,
  provider        text not null,
  last_sign_in_at timestamptz,
  created_at      timestamptz,
  updated_at      timestamptz,
  email           text generated always as (lower(identity_data ->> 'email')) stored,
  id              uuid primary key default gen_random_uuid(),
  unique (provider_id, provider)
);

create table auth.sessions (
  id           uuid primary key,
  user_id      uuid not null references auth.users on delete cascade,
  created_at   timestamptz,
  updated_at   timestamptz,
  factor_id    uuid,
  not_after    timestamptz,
  refreshed_at timestamp,
  user_agent   text,
  ip           inet,
  tag          text
);

-- No policy: only the owner and roles that bypass row security see accounts.
alter table auth.users enable row level security;
alter table auth.identities enable row level security;
alter table auth.sessions enable row level security;

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
alter table auth.identities owner to supabase_auth_admin;
alter table auth.sessions owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
alter function auth.jwt() owner to supabase_auth_admin;

-- app_owner may read accounts and reference them by foreign keys, but cannot
-- alter or index the table, or create anything in the schema.
grant usage on schema auth to anon, authenticated, service_role, app_owner;
grant select, insert, update, delete, references, trigger on auth.users, auth.identities, auth.sessions to app_owner;

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

-- Realtime -------------------------------------------------------------------

create publication supabase_realtime;
alter publication supabase_realtime owner to app_owner;

create schema realtime authorization supabase_realtime_admin;

create table realtime.messages (
  topic       text not null,
  extension   text not null,
  payload     jsonb,
  event       text,
  private     boolean default false,
  updated_at  timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id          uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
alter table realtime.messages enable row level security;

create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
  returns void language sql as 'select';
create function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record,
  level text default 'ROW'
) returns void language plpgsql as 'begin end';

alter table realtime.messages owner to supabase_realtime_admin;
grant usage on schema realtime to anon, authenticated, service_role, app_owner;
grant select, insert, update on realtime.messages to anon, authenticated, service_role, app_owner;

-- Storage --------------------------------------------------------------------

create schema storage authorization supabase_storage_admin;

create table storage.buckets (
  id                 text primary key,
  name               text not null,
  owner              uuid,
  created_at         timestamptz default now(),
  updated_at         timestamptz default now(),
  public             boolean default false,
  avif_autodetection boolean default false,
  file_size_limit    bigint,
  allowed_mime_types text[],
  owner_id           text
);
create unique index bname on storage.buckets (name);

create table storage.objects (
  id               uuid primary key default gen_random_uuid(),
  bucket_id        text references storage.buckets,
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
create unique index bucketid_objname on storage.objects (bucket_id, name);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;

create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1]
$$;
create function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)]
$$;
create function storage.extension(name text) returns text language sql immutable as $$
  select reverse(split_part(reverse(name), '.', 1))
$$;

alter table storage.buckets owner to supabase_storage_admin;
alter table storage.objects owner to supabase_storage_admin;
alter function storage.foldername(text) owner to supabase_storage_admin;
alter function storage.filename(text) owner to supabase_storage_admin;
alter function storage.extension(text) owner to supabase_storage_admin;
grant usage on schema storage to anon, authenticated, service_role, app_owner;
grant all on storage.buckets, storage.objects to anon, authenticated, service_role, app_owner;

-- Secrets, and the API of GraphQL --------------------------------------------

create schema vault;
create schema graphql;
create schema graphql_public;
grant usage on schema vault, graphql, graphql_public to app_owner;
grant usage on schema graphql, graphql_public to anon, authenticated, service_role;
