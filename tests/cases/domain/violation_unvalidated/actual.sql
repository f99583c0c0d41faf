-- The check has the right words, but rows that were there before were never held against it.
create domain code as text;
create table t (id int primary key, code code);
insert into t values (1, 'ok');
alter domain code add constraint filled check (value <> '') not valid;
