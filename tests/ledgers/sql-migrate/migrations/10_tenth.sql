-- +migrate Up
create table b (id integer);
