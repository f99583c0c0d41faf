-- From PostgreSQL 18 on a constraint can be there and never be looked at.
create table b (id integer primary key);
create table a (
  b integer constraint a_b_fkey references b not enforced,
  c integer constraint a_c_fkey references b not enforced,
  d integer constraint a_d_fkey references b not enforced
);
insert into a values (1, null, 7);
insert into b values (1);
