-- Declared absent, and there.
create table t (n integer constraint small check (n < 10 or n is null));
