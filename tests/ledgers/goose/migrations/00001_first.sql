-- +goose Up
create table a (id integer);

-- +goose Down
drop table a;
