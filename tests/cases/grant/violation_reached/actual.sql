-- Each was given no more than it should have, and yet may insert: in another role, by inheritance or by SET ROLE, or as
-- the owner. Who takes on the other role must be seen too where the contract keeps it away.
create table t (n integer);
create table own (n integer);
create table away (n integer);
grant select on t to case_member;
grant insert on t, away to case_writer;
grant select on t to case_outsider;
alter table own owner to case_owner;
