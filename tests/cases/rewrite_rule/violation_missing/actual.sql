-- They are not there: on a table, on a view, on a table that is not there either; one is there under another name.
create table log (id integer, what text);
create table t (id integer);
create view v as select id from t;
create rule "Old name" as on insert to t where new.id > 0 do also insert into log values (new.id);
