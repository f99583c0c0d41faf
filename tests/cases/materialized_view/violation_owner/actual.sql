-- It is filled with the privileges of its owner.
create table orders (id bigint);
create materialized view v as select id from orders;
grant create, usage on schema public to case_owner;
