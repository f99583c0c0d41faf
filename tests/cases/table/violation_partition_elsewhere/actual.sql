-- Partitions of other tables than expected, or of none that is expected; a child that inherits from others.
create table orders (id integer not null) partition by range (id);
create table archive (id integer not null) partition by range (id);
create table part partition of orders for values from (1) to (10);
create table alone partition of orders for values from (10) to (20);
create table of_none partition of orders for values from (20) to (30);
insert into orders values (1), (11), (21);
create table base (a integer);
create table other (a integer);
create table third (a integer);
create table child () inherits (base, other);
create table orphan (a integer);
create table listed partition of archive for values from (100) to (200);
