-- Values that are removed are looked for in a table whose key is declared on a column that is missing yet.
create type mood as enum ('happy', 'sad');
create table t (mood mood);
