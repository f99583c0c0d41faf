-- What drizzle-orm 0.45.4 (`migrate`) makes of the migrations; drizzle-kit 0.31.11 (`drizzle-kit migrate`) makes the same.
create schema drizzle;
create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
insert into drizzle.__drizzle_migrations (hash, created_at) values
  ('4f1a3cb04c08ad0ba409f7b7f4e75438bd4f41e7da4314caa1d76250e1e05a01', 1700000000000),
  ('174cae27a47cfd50671bbe441bf30c4abd75fa05919938ca48db496e7e326b0f', 1700000060000);
