-- What stands under tables: is judged as there, a table is not the materialized view that must be gone, and an owner or
-- an option that the contract does not state is not judged.
create table orders (id bigint, at timestamptz);
create materialized view with_more with (fillfactor = 70) as select id from orders;
alter materialized view with_more owner to case_owner;
create materialized view under_tables as select id from orders;
create table gone (id bigint);
