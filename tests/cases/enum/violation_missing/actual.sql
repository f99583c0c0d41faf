-- The same name in another schema does not count.
create schema other;
create type other.status as enum ('pending');
create table requests (id integer);
