-- What dbmate 2.36.0 (`dbmate up`) makes of the migrations.
create table schema_migrations (version character varying not null primary key);
insert into schema_migrations values ('20240101000000'), ('20240102000000');
