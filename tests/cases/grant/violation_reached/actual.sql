-- Each was given no more than it should have, and yet may insert: in another role, by inheritance or by SET ROLE, or as
-- the owner.
create table t (n integer);
create table own (n integer);
grant select on t to case_member;
grant insert on t to case_writer;
grant select on t to case_outsider;
alter table own owner to case_owner;
