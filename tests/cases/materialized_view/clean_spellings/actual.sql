-- The server spells the query anew; rows, indexes and grants are as the contract has them.
create table orders (id bigint, status text not null, total numeric);
insert into orders values (1, 'open', 10), (2, 'held', 5);
create materialized view by_status as select status, count(*) as number, sum(total) total from orders group by 1;
create unique index by_status_key on by_status (status);
grant select on by_status to case_reader;
alter materialized view by_status owner to case_owner;
create materialized view copied as select * from orders;
create materialized view empty as select id from orders with no data;
create view over_it as select status from by_status;
