-- A domain is not its base type.
create domain positive as integer check (value > 0);
create domain label as text;
create table t (a label, b integer);
