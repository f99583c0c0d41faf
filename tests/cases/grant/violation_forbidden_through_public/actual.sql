-- What everybody may do, it may do, too.
create table t (n integer);
grant select on t to public;
