-- A query that the server refuses is a slip of the contract, unless something that it names is missing itself.
create table orders (id bigint, status text);
create view slip as select id from orders;
create view waiting as select id from orders;
