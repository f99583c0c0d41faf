-- +migrate Up
create table a (id integer);

-- +migrate Down
drop table a;
