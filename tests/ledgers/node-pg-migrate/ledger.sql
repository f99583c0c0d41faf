-- What node-pg-migrate 9.0.0 (`node-pg-migrate up`) makes of the migrations.
create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
insert into pgmigrations (name, run_on) values
  ('1700000000000_first', '2024-01-03 00:00:00.257924'),
  ('1700000000001_second-thing', '2024-01-03 00:00:00.314929');
