-- What Active Record 6.1.7 makes of the first migration.
create table schema_migrations (version character varying not null primary key);
create table ar_internal_metadata (
  key character varying not null primary key,
  value character varying,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
insert into schema_migrations values ('20240101000000');
insert into ar_internal_metadata values ('environment', 'default_env', '2024-01-03', '2024-01-03');
