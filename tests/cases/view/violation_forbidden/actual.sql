-- Views over views that must be gone, in whatever order the contract has them.
create table orders (id bigint);
create view a as select id from orders;
create view b as select id from a;
create view c as select id from b;
