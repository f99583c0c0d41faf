-- From PostgreSQL 18 on a constraint can be there and never be looked at.
create table b (id integer primary key);
create table a (b integer constraint a_b_fkey references b not enforced);
