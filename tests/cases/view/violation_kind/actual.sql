-- Of a table or a materialized view in its place nothing else is compared, and nothing is made over it.
create table orders (id bigint primary key, status text);
alter table orders enable row level security;
create table copied as select id from orders;
create index on copied (id);
create materialized view kept as select id from orders;
grant select on copied to case_reader;
create view fine as select id from orders;
