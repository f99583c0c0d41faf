-- Each client does what its role may do, and looks at what was changed.
create table public.profiles (id uuid primary key, role text);
alter table public.profiles enable row level security;
create policy admins on public.profiles for all to authenticated
  using (exists (select from public.profiles p where p.role = 'admin'));
create table public.orders (id bigint primary key, owner text, total integer, secret text);
alter table public.orders enable row level security;
create policy own on public.orders for all to authenticated using (owner = current_user);
create table public.audit_log (id bigint primary key, line text);
alter table public.audit_log enable row level security;
create policy reads on public.audit_log for select to authenticated using (true);
create table public.plain (id bigint primary key, label text);
create table public.untouched (id bigint primary key);
create function public.close_orders() returns void language sql as $$ select $$;
revoke execute on function public.close_orders() from public;
grant usage on schema public to anon, authenticated, service_role;
grant select, insert, update, delete on public.profiles, public.audit_log to authenticated, service_role;
grant select (id, owner, total), insert, update, delete on public.orders to authenticated;
grant select, insert, update, delete on public.orders to service_role;
grant select on public.plain to anon, authenticated;
