-- It is recreated with what it has: rows or none, indexes, privileges, comments, options, and views over it.
create table orders (id bigint, status text not null, total numeric);
insert into orders values (1, 'open', 10), (2, 'held', 5);
create materialized view by_status with (fillfactor = 70) as select status, count(*) as number, sum(total) as total from orders group by 1;
create unique index by_status_key on by_status (status);
create index by_number on by_status (number) where number > 1;
comment on index by_number is 'The many.';
grant select on by_status to case_reader;
grant select (number) on by_status to case_writer;
comment on materialized view by_status is 'By status.';
comment on column by_status.number is 'How many.';
alter materialized view by_status owner to case_owner;
grant select on orders to case_owner;
grant usage, create on schema public to case_owner;
create view over_it as select status from by_status;
grant select on over_it to case_reader;
create materialized view empty as select id, status from orders with no data;
create materialized view narrower as select id, total from orders;
-- Nothing carries this one over.
create materialized view below as select id, total from orders;
create materialized view stuck as select id from below;
-- Its index names the column that goes.
create materialized view indexed as select id, total from orders;
create index on indexed (total);
