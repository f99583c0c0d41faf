-- A comment on something else of that name is none on this: a column's, an index's, a view's, an overload's, a type's.
create table t (t integer constraint t_pkey primary key);
comment on column t.t is 'a column';
comment on constraint t_pkey on t is 'a key';
create view v as select 1 as v;
comment on view v is 'a view';
create function f(integer) returns integer language sql as 'select 1';
create function f(text) returns integer language sql as 'select 1';
comment on function f(text) is 'of a text';
