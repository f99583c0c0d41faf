-- Nothing at all, only some, a role that does not exist, and `all`.
create table t (n integer);
grant select on t to case_writer;
grant select, insert, update, delete, truncate, references on t to case_member;
