-- A table elsewhere, a sequence, a composite type and an index have the names; none is a table of the contract's schema.
create schema other;
create table other.gone (id integer);
create sequence numbers;
create type shape as (a integer);
create table other.t (id integer);
create table t (id integer);
create index found on t (id);
