-- migrate:up
create table a (id integer);

-- migrate:down
drop table a;
