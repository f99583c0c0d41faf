-- Values that the domain must refuse are looked for in a table whose key is declared on a column that is missing yet.
create domain amount as integer;
create table t (amount amount);
