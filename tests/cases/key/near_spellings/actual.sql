-- Case, quotes, white space and defaults that are spelled out. An index of the forbidden name is no key. NOT NULL
-- is a constraint of its own from PostgreSQL 18 on, and no key either.
create table t (id integer primary key, a integer unique, b integer);
create unique index t_b_key on t (b);
create table u (id integer not null);
