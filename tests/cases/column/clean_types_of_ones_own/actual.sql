-- Enums, domains and composites, here and in another schema, in odd letters, and arrays of them.
create schema ext;
create type mood as enum ('ok', 'bad');
create domain ext.tag as text;
create domain "Odd Type" as integer;
create type ext."Odd.Type" as enum ('x');
create domain positive as integer check (value > 0);
create type point_of as (x integer, y integer);
create table t (a mood not null default 'ok', b mood[], c ext.tag, d "Odd Type", e ext."Odd.Type"[], f positive,
  g point_of, h mood);
