-- A collation cannot be altered; that of the type is meant where none is stated.
create domain a as text collate "C";
create domain b as text;
