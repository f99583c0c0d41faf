-- The sequence got lost; or it is there, belongs to nobody and stays when the table goes.
create sequence counter;
create table t (id integer not null, other bigint not null default nextval('counter'));
