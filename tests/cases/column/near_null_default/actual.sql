-- `default null` says no more than no default.
create table t (a text default null, b varchar(5) default null::varchar(5));
