-- The owner has every privilege by itself, and that is no excess.
create table t (n integer);
alter table t owner to case_owner;
grant select on t to case_owner;
