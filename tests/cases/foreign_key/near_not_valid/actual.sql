-- A contract that allows it to be not valid is content with more.
create table b (id integer primary key);
create table a (b integer);
alter table a add constraint old foreign key (b) references b not valid;
alter table a add constraint since_validated foreign key (b) references b not valid;
alter table a validate constraint since_validated;
