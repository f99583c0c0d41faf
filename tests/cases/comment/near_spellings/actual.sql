-- The same objects in other words: in capitals, in quotes or not, with a schema, by names of arguments, by another word.
create schema "Apart";
create table "Apart"."Orders, all" ("json" integer, "a.b" integer, "column" integer, constraint "x on y" check (true));
create domain words as text;
create table "domain" (id integer constraint c primary key);
create function f(a integer, b text default 'x', variadic c numeric[] default '{}') returns integer language sql as 'select 1';
comment on table "Apart"."Orders, all" is 'a';
comment on column "Apart"."Orders, all".json is 'b';
comment on column "Apart"."Orders, all"."a.b" is 'c';
comment on column "Apart"."Orders, all"."column" is 'd';
comment on constraint "x on y" on "Apart"."Orders, all" is 'e';
comment on constraint c on "domain" is 'f';
comment on domain words is 'g';
comment on function f(integer, text, numeric[]) is 'h';
