-- A role does not exist: that is told, and no role is created; where the membership is to be absent, all is well.
create table t (id integer);
