-- What is wrong in any system, with nothing stated: each table has one fault.
create table open (id integer);
alter table open enable row level security;
grant select, insert, update, delete on open to anon;
create policy anybody on open using (true);

create table recursive (id integer, org integer, member name);
alter table recursive enable row level security;
grant select on recursive to authenticated;
create policy of_org on recursive for select to authenticated
  using (org in (select r.org from recursive r where r.member = current_user));

create table members (org integer, member name);
grant select on members to authenticated;
create table captured (org integer, text text);
alter table captured enable row level security;
grant select on captured to authenticated;
-- org is that of members, on both sides.
create policy of_org on captured for select to authenticated
  using (exists (select from members m where m.org = org and m.member = current_user));

-- As varchar is compared as text, each side is a cast.
create table people (name varchar(20));
grant select on people to authenticated;
create table captured_names (name varchar(20), text text);
alter table captured_names enable row level security;
grant select on captured_names to authenticated;
create policy own on captured_names for select to authenticated
  using (exists (select from people where people.name = name and text <> 'a = a'));

create table unsecured (id integer);
grant select, delete on unsecured to authenticated;

create table granted (id integer);
alter table granted enable row level security;
grant select, insert, update on granted to authenticated;

create table ungranted (id integer);
alter table ungranted enable row level security;
create policy all_of_it on ungranted to authenticated using (true);

create table secrets (id integer);
create table looks (id integer);
alter table looks enable row level security;
grant select on looks to authenticated;
create policy looked_up on looks for select to authenticated using (id in (select s.id from secrets s));

create table numbered (id serial, text text);
alter table numbered enable row level security;
grant insert, select on numbered to authenticated;
create policy allowed on numbered to authenticated using (text <> '');

create table unseen (id integer, text text);
alter table unseen enable row level security;
grant select, update, delete on unseen to authenticated;
create policy changed on unseen for update to authenticated using (text = '');

create function lent() returns integer language sql security definer as $$select 1$$;
