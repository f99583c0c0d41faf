-- What Prisma's schema engine 8.1.0 (@prisma/schema-engine-wasm) makes of the migrations, with shorter ids and logs. The
-- second was tried twice, as after `prisma migrate resolve --rolled-back`.
create table _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
);
insert into _prisma_migrations values
  ('1', '128e7bc396f82ae33f2d99f22adf5ebd58e1eda6055f170f1ee1e21f07e432b9', '2024-01-03 00:00:01+00',
   '20240101000000_init', null, null, '2024-01-03 00:00:00+00', 1),
  ('2', '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', null,
   '20240102000000_index', 'ERROR', '2024-01-03 00:00:04+00', '2024-01-03 00:00:02+00', 0),
  ('3', '8fd2c3c2d14bf86fd2d6962ed077a5fb750459992c1723a9eabf9ecb6f8b38f3', '2024-01-03 00:00:06+00',
   '20240102000000_index', null, null, '2024-01-03 00:00:05+00', 1),
  ('4', '86dd48763d7b1457ddc2ee024682ebe4e76256a49e4b842914995622bdc996a0', null,
   '20240103000000_again', 'relation "a" already exists', null, '2024-01-03 00:00:07+00', 0);
