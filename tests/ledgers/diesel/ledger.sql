-- By Diesel's documented table, not made by Diesel itself.
create table __diesel_schema_migrations (
  version varchar(50) primary key not null,
  run_on timestamp not null default current_timestamp
);
insert into __diesel_schema_migrations values ('00000000000000', '2024-01-03'), ('20240102030405', '2024-01-03 00:00:01');
