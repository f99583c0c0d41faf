-- A bound between two partitions that have rows, another that only one of them leaves, and a default that gets bounds:
-- none can move alone. An index is on one table. What a trigger of a partition has of its own, it keeps.
create table orders (id integer primary key, made date) partition by range (id);
create table orders_1 partition of orders for values from (0) to (5);
create table orders_2 partition of orders for values from (5) to (20);
create table orders_rest partition of orders default;
create index orders_made on orders (made);
insert into orders values (1), (12), (35);
create table words (word text, n integer) partition by list (word);
create table words_a partition of words for values in ('a', 'b');
create table words_c partition of words for values in ('c');
create table words_rest partition of words default;
insert into words values ('a', 1), ('c', 1), ('x', 1);
create table numbers (a integer) partition by hash (a);
create table numbers_1 partition of numbers for values with (modulus 4, remainder 1);
create table numbers_2 partition of numbers for values with (modulus 4, remainder 2);
create table parted (id integer, n integer) partition by range (id);
create table "Parted; 1" partition of parted for values from (0) to (5) partition by list (n);
create table parted_1_1 partition of "Parted; 1" default;
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger "it's kept" before insert on parted for each row execute function touch();
create trigger off before insert on parted for each row execute function touch();
alter table parted disable trigger off;
alter table only parted_1_1 enable replica trigger "it's kept";
comment on trigger off on parted_1_1 is 'of it''s own';
