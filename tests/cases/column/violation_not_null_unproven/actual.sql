-- From PostgreSQL 18 on NOT NULL can be added without a look at the rows; pg_attribute calls it NOT NULL all the same.
create table t (a integer, b integer not null, c integer);
insert into t values (null, 1, 1);
alter table t add constraint a_is_there not null a not valid;
alter table t add constraint "C; there" not null c not valid;
