-- The role does not exist: nothing can be said of its objects, and no role is created.
create table t (id integer);
