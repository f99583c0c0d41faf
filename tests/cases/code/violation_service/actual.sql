-- The column metadata is missing, and what the insert says of it is only logged: sessions without a request.
create type public.request_status as enum ('pending', 'accepted', 'cancelled');
create table public.sessions (id uuid primary key default gen_random_uuid(), plan text not null, status text not null default 'pending');
create table public.session_requests (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references public.sessions,
  status public.request_status not null default 'pending'
);
create table public.notifications (id bigint generated always as identity primary key, body text not null);
create table public.access_log (id bigint generated always as identity primary key, line text);
create table public.profiles (id uuid primary key, name text);
grant usage on schema public to service_role;
grant select, insert, update, delete on all tables in schema public to service_role;
