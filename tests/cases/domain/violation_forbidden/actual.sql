-- One is still the type of a column, which keeps it; a domain over the other one is declared absent, too.
create domain used as text;
create table t (x used);
create domain base as text check (value <> '');
create domain above as base;
