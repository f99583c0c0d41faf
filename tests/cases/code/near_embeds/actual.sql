-- Several foreign keys lead there, and a hint, a column or a table between tells which is meant.
create schema auth;
create table auth.users (id uuid primary key, email text);
create table public.profiles (id uuid primary key references auth.users, full_name text);
create table public.sessions (
  id uuid primary key default gen_random_uuid(),
  status text,
  created_by uuid references auth.users,
  customer_id uuid constraint sessions_customer_fkey references public.profiles,
  mechanic_id uuid constraint sessions_mechanic_fkey references public.profiles,
  parent_id uuid references public.sessions
);
create table public.files (id uuid primary key, session_id uuid references public.sessions, path text);
create table public.tags (id integer primary key, label text);
create table public.session_tags (
  session_id uuid references public.sessions,
  tag_id integer references public.tags,
  primary key (session_id, tag_id)
);
create table public.tools (id integer primary key, label text);
create table public.session_tools (
  id integer primary key,
  session_id uuid references public.sessions,
  tool_id integer references public.tools
);
