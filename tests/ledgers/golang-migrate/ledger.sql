-- By golang-migrate's documented table, not made by golang-migrate itself.
create table schema_migrations (version bigint not null primary key, dirty boolean not null);
insert into schema_migrations values (2, true);
