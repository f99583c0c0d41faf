-- A check of a domain and one of another table have the name.
create domain positive as integer constraint gone check (value > 0);
create table u (n integer constraint gone check (n > 0));
create table t (n integer constraint tested check (n > 0), p positive);
