-- Next to what is wrong, nothing is: a policy that is true for reading, or for a write that nobody granted; a subquery of
-- the same table in a function with its owner's rights; columns of one name in two tables; a table without row security
-- that can only be read; a function with a fixed search_path, with its caller's rights, or that nobody may call.
create table open (id integer);
alter table open enable row level security;
grant select on open to anon, authenticated;
create policy anybody on open using (true);

create table members (org integer, member name);
alter table members enable row level security;
grant select on members to authenticated;
create function orgs() returns setof integer language sql stable security definer set search_path = ''
  as $$select m.org from public.members m where m.member = current_user$$;
revoke execute on function orgs() from public;
grant execute on function orgs() to authenticated;
create policy of_org on members for select to authenticated using (org in (select public.orgs()));

create table compared (org integer, other integer, text text);
alter table compared enable row level security;
grant select on compared to authenticated;
create policy of_org on compared for select to authenticated
  using (exists (select from members m where m.org = compared.org and compared.org = m.org and compared.org = other));

create table read_only (id integer);
grant select on read_only to anon, authenticated;

-- BYPASSRLS: the policy is for nobody else, and the grant is of use.
create table of_server (id integer);
alter table of_server enable row level security;
grant all on of_server to service_role;
create policy all_of_it on of_server to service_role using (true);

-- An identity needs no sequence.
create table numbered (id integer generated always as identity, text text);
alter table numbered enable row level security;
grant insert, select on numbered to authenticated;
create policy allowed on numbered to authenticated using (text <> '');

-- It is meant, and stated.
create table stated (id integer);
alter table stated enable row level security;
grant insert, update on stated to anon;
create policy anybody on stated for insert to anon with check (true);

create function callers() returns integer language sql as $$select 1$$;
create function nobodys() returns integer language sql security definer as $$select 1$$;
revoke execute on function nobodys() from public;
