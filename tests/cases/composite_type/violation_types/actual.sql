-- Types and a collation differ; of the second the values are in a column, which PostgreSQL cannot turn.
create type free as (street varchar(10), zip text, number int);
create type used as (street varchar(10));
create table t (home used[]);
