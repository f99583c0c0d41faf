-- What a platform makes so: the role of the server's own code passes by row security, and the role of the gateway is a
-- member of all that it takes on. Nor is anything said of roles that the contract does not name.
create schema auth;
create table t (n integer, who text);
alter table t enable row level security;
create policy p on t using (who = current_user);
grant select, insert on t to service_role;
grant select on t to authenticator;
