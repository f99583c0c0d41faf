-- Nor does a platform excuse who is to have nothing: the gateway takes on the role of the server's own code.
create schema auth;
create table t (n integer, who text);
grant select on t to service_role;
