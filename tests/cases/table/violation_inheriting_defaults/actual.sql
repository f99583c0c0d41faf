-- What a new partition or child has of its parents it takes from them, with another default where it has its own. Columns
-- that are written out would stay in the child when the parent loses them.
create table events (id integer, note text default 'x', kept text default 'k') partition by list (id);
create table base (id integer not null, note text default 'x');
