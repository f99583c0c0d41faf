-- A view without security_invoker reads its tables as its owner, so that another owner shows other rows.
create table orders (id bigint);
create view v as select id from orders;
grant create, usage on schema public to case_owner;
