-- A table holds values of the domain in rows of a composite type, which PostgreSQL refuses to check: the check is added,
-- and its validation is held back before it fails.
create domain amount as integer;
create type pair as (a amount, b text);
create table t (p pair);
