-- What the contract does not state of a view is not judged, and what is no view is not the view that must be gone.
create table orders (id bigint primary key, status text);
create view with_more with (security_barrier, check_option = cascaded) as select * from orders;
alter view with_more owner to case_owner;
comment on view with_more is 'Everything.';
create view under_tables as select id from orders;
create table gone (id bigint);
create view other as select 1 as one;
-- A name of WITH hides the table of that name, which is still meant by what has its schema.
create view hidden as with orders as (select 1::bigint as id) select o.id, p.status from orders o join public.orders p using (id);
