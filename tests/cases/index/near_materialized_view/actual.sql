-- An index of a materialized view: the server is asked on a copy of its columns.
create table t (id integer, name text);
create materialized view m as select id, name from t;
create unique index same on m (lower(name), id) where not (id <= 0 or name || 'a' = 'b');
create index other on m (lower(name)) where id > 0;
