create table public._prisma_migrations (
  id varchar(36) primary key,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
);
insert into public._prisma_migrations values
  ('1', '6e742d0ea6c491b3f29fb7eca857562a0de8496d0e10c5964c539f85c4c95154', '2024-01-01', '20240101000000_orders', null, null, '2024-01-01', 1),
  ('2', 'b78d13a6741769951f4cc4c9581be98a714e0cb6d2a3d8c5a25985ad4c5d0d50', null, '20240102000000_note',
   'relation "public.ordres" does not exist', '2024-01-02 10:00', '2024-01-02 09:00', 0),
  ('3', '468b526e86c9cd174311b0f1d9c728e4f58e8938f2613e8a4dfa41fa26e1975c', '2024-01-02 11:00', '20240102000000_note', null, null, '2024-01-02 11:00', 1);
