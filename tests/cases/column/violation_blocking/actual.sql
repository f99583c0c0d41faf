-- Inserts that do not know these columns fail; a domain that allows no null is as bad.
create domain required as text not null;
create table t (id integer, tenant uuid not null, code required);
