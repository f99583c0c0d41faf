-- The names of a platform excuse nothing where it is not that platform: there is no schema auth.
create table t (n integer, who text);
alter table t enable row level security;
create policy p on t using (who = current_user);
grant select, insert on t to service_role;
grant select on t to authenticator;
