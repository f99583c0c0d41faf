create table public.flyway_schema_history (
  installed_rank integer primary key,
  version varchar(50),
  description varchar(200) not null,
  type varchar(20) not null,
  script varchar(1000) not null,
  checksum integer,
  installed_by varchar(100) not null,
  installed_on timestamp not null default now(),
  execution_time integer not null,
  success boolean not null
);
insert into public.flyway_schema_history values
  (1, '1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', null, 'app', '2024-01-01', 0, true),
  (2, '2', 'note', 'SQL', 'V2__note.sql', 1033901168, 'app', '2024-01-02', 3, true),
  (3, '2.0.1', 'lines', 'SQL', 'V2.0.1__lines.sql', -945817491, 'app', '2024-01-03', 3, true);
