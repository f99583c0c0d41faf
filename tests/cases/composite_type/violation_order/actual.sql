-- The same attributes in another order: a row that is cast to it gets its values in the wrong places. One is free and
-- made anew, with its comment; the other one is the type of a column.
create type free as (zip text, street text);
comment on type free is 'an address';
create type used as (zip text, street text);
create table t (home used);
