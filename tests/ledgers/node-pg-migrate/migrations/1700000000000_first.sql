-- Up Migration
create table a (id integer);

-- Down Migration
drop table a;
