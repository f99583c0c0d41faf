-- A request tells mechanics of a customer who waits. It names its session in
-- metadata ->> 'session_id'.

do $$
begin
  create type public.session_request_status as enum ('pending', 'accepted', 'cancelled');
exception
  when duplicate_object then null;
end
$$;

create table if not exists public.session_requests (
  id                   uuid primary key default gen_random_uuid(),
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  customer_id          uuid not null references auth.users (id) on delete cascade,
  mechanic_id          uuid references auth.users (id) on delete set null,
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

create index if not exists session_requests_status_idx on public.session_requests (status);
create index if not exists session_requests_created_at_idx on public.session_requests (created_at);

create or replace function public.touch_session_requests_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

drop trigger if exists trg_session_requests_updated on public.session_requests;
create trigger trg_session_requests_updated before update on public.session_requests
  for each row execute function public.touch_session_requests_updated_at();

alter table public.session_requests enable row level security;

drop policy if exists "Customers can create own requests" on public.session_requests;
create policy "Customers can create own requests" on public.session_requests
  for insert to authenticated
  with check (customer_id = (select auth.uid()) and status = 'pending' and mechanic_id is null);

drop policy if exists "Customers can view own requests" on public.session_requests;
create policy "Customers can view own requests" on public.session_requests
  for select to authenticated
  using (customer_id = (select auth.uid()));

drop policy if exists "Customers can cancel own requests" on public.session_requests;
create policy "Customers can cancel own requests" on public.session_requests
  for update to authenticated
  using (customer_id = (select auth.uid()) and status = 'pending')
  with check (customer_id = (select auth.uid()) and status = 'cancelled');

drop policy if exists "Mechanics can view pending requests" on public.session_requests;
create policy "Mechanics can view pending requests" on public.session_requests
  for select to authenticated
  using (
    status = 'pending'
    and mechanic_id is null
    and exists (select 1 from public.mechanics m where m.user_id = (select auth.uid()))
  );

drop policy if exists "Mechanics can accept requests" on public.session_requests;
create policy "Mechanics can accept requests" on public.session_requests
  for update to authenticated
  using (
    status = 'pending'
    and exists (select 1 from public.profiles p where p.id = (select auth.uid()) and p.role = 'mechanic')
  )
  with check (mechanic_id = (select auth.uid()));
