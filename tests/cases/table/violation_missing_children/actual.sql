-- Tables that inherit from others are missing, one with the parent, one with a column that the parent has as well.
create table base (a integer not null default 5, b text, constraint positive check (a > 0));
create schema other;
