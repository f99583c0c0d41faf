-- Old rows were never looked at.
create table b (id integer primary key);
create table a (b integer);
alter table a add constraint a_b_fkey foreign key (b) references b not valid;
