-- No comment where the contract states one: on what is there, on what the plan brings first, on what is not there.
create table orders (id integer primary key, status text);
create function f(integer) returns integer language sql as 'select 1';
create index orders_status_idx on orders (status);
create sequence numbers;
create aggregate rows(*) (sfunc = int8inc, stype = bigint, initcond = '0');
