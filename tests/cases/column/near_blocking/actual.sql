-- Not null, and yet no insert fails: each fills itself. Notes, no errors.
create domain filled as text default 'x';
create domain wrapped as filled;
create table t (id integer, with_default text not null default '', counted serial,
  numbered integer not null generated always as identity, computed integer not null generated always as (1) stored,
  nullable text, by_type filled not null, by_type_of_type wrapped not null);
