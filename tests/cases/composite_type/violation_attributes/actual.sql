-- An attribute is missing at the end, and one is there that nobody expects, whose values go; rows use the type.
create type address as (street text, gone text, zip text);
create table t (id int primary key, home address);
insert into t values (1, row('a', 'b', 'c'));
