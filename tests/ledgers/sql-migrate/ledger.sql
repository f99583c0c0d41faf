-- What sql-migrate of 2019-12-13 (Debian's; `sql-migrate up`) makes of the migrations.
create table gorp_migrations (id text not null primary key, applied_at timestamp with time zone);
insert into gorp_migrations values
  ('1_first.sql', '2024-01-03 00:00:00.555582+00'),
  ('2_second.sql', '2024-01-03 00:00:00.564748+00'),
  ('10_tenth.sql', '2024-01-03 00:00:00.577335+00');
