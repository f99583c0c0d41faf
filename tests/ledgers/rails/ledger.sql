-- By Rails' documented tables, not made by Rails itself.
create table schema_migrations (version character varying not null primary key);
create table ar_internal_metadata (
  key character varying not null primary key,
  value character varying,
  created_at timestamp(6) not null,
  updated_at timestamp(6) not null
);
insert into schema_migrations values ('20240101000000');
