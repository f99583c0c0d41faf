-- Without ONLY, PostgreSQL adds the tables that inherit along with the parent, so that a step for them would fail.
create table parent (id integer);
create table child () inherits (parent);
create table alone (id integer);
create table of_alone () inherits (alone);
create table unrelated (id integer);
create publication two for table unrelated;
