-- A default that is another one, one that is missing, and one that should not be there.
create domain a as text default 'a';
create domain b as integer;
create domain c as integer default 1;
create table t (a a, b b, c c);
insert into t values ('x', 2, 3);
