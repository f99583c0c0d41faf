-- Detaching was interrupted: of one that should be a partition, of one that should be none, and of one to be dropped.
create table orders (id integer) partition by range (id);
create table orders_1 partition of orders for values from (1) to (10);
create table lists (id integer) partition by list (id);
create table lists_1 partition of lists for values in (1);
create table hashes (id integer) partition by hash (id);
create table hashes_1 partition of hashes for values with (modulus 2, remainder 1);
update pg_inherits set inhdetachpending = true
 where inhrelid in ('orders_1'::regclass, 'lists_1'::regclass, 'hashes_1'::regclass);
