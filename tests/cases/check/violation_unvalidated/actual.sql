-- A row from before breaks it.
create table t (n integer);
insert into t values (-1);
alter table t add constraint positive check (n > 0) not valid;
