-- A contract that asks for no enforcement is content with more.
create table t (a integer, constraint never check (a > 0) not enforced, constraint always_ check (a > 0));
