-- No column can hold the values that go: no rows are read. The one type is used by a function and a domain alone.
create type unused as enum ('a', 'b', 'c');
create type named as enum ('a', 'b');
create domain of_named as named;
create function about(x named) returns integer language sql as 'select 1';
