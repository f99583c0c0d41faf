-- One without rows cannot be read, whether the contract says that it holds some or nothing of it.
create table orders (id bigint);
insert into orders values (1);
create materialized view unread as select id from orders with no data;
create materialized view stated as select id from orders with no data;
create materialized view emptied as select id from orders;
