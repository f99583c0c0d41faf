-- Operators and types of other schemas, names in odd letters, domains, the row as a whole, a foreign table.
create schema ext;
create function ext.same(integer, integer) returns boolean immutable language sql as 'select $1 = $2';
create operator ext.=== (function = ext.same, leftarg = integer, rightarg = integer);
create type mood as enum ('ok');
create domain positive as integer check (value > 0);
create table "Weird; Table" (gone integer, a integer, tags mood[], "100%" integer, note text, p positive,
  constraint own_operator check (a operator(ext.===) 1),
  constraint of_an_enum_array check (tags <@ array['ok'::mood]),
  constraint percent check ("100%" >= 0 and "100%" <= 100 and note !~~ '%;%'),
  constraint domain_ check (p > 0 and p::integer < (10 * 10)),
  constraint whole_row check (("Weird; Table".*) is not null));
alter table "Weird; Table" drop column gone;
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (n integer, constraint positive check (n = any (array[1, 2]))) server nowhere;
