-- A table or a view of that name is another thing, and nothing is made in its place.
create table orders (id bigint);
create table copied as select id from orders;
create view looked_at as select id from orders;
create materialized view fine as select id from orders;
