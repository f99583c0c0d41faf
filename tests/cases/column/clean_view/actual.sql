-- Of a view's columns PostgreSQL does not know whether they are null: neither answer is held against it.
create table t (id integer not null);
create view looked_at as select id, count(*) as n from t group by id;
create materialized view kept as select id from t;
