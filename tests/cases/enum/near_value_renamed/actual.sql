-- A value that was renamed keeps its place, and its array type is no enum of its own.
create type status as enum ('new', 'closed');
alter type status rename value 'new' to 'open';
create table t (history status[]);
