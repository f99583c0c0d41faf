-- One is there and refuses nothing: after `disable trigger all` if it is deferrable, and in child tables.
create table late (id integer, constraint late_excl exclude (id with =) deferrable initially deferred);
alter table late disable trigger all;
insert into late values (1), (2);
create table parent (id integer, constraint parent_excl exclude (id with =));
create table child () inherits (parent);
create table child_with_one (constraint child_excl exclude (id with =)) inherits (parent);
