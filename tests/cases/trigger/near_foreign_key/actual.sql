-- The triggers by which PostgreSQL keeps a foreign key belong to nobody.
create table t (a integer primary key, b integer references t deferrable);
