-- Those that must be gone, one over the other, and a view over both.
create table orders (id bigint);
create materialized view a as select id from orders;
create materialized view b as select id from a;
create view c as select id from b;
