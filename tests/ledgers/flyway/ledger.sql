-- By Flyway's documented table, not made by Flyway itself; the checksums were computed by Java's own CRC32, line by line.
create table flyway_schema_history (
  installed_rank integer not null primary key,
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
insert into flyway_schema_history values
  (0, null, '<< Flyway Schema Creation >>', 'SCHEMA', '"public"', null, 'a', '2024-01-03', 0, true),
  (1, '1', 'first', 'SQL', 'V1__first.sql', -1234453361, 'a', '2024-01-03', 1, true),
  (2, '1.2', 'second', 'SQL', 'V1.2__second.sql', 1, 'a', '2024-01-03', 1, true),
  (3, '1.5', 'in java', 'JDBC', 'db.migration.V1_5__in_java', null, 'a', '2024-01-03', 1, true),
  (4, '2', 'third', 'SQL', 'below/V2__third.sql', 789303657, 'a', '2024-01-03', 1, true),
  (5, null, 'a view', 'SQL', 'R__a_view.sql', 7, 'a', '2024-01-03', 1, true),
  (6, null, 'a view', 'SQL', 'R__a_view.sql', 785602073, 'a', '2024-01-03', 1, true),
  (7, '2', 'third', 'UNDO_SQL', 'U2__third.sql', 1771106387, 'a', '2024-01-03', 1, true),
  (8, '1.10', 'tenth', 'SQL', 'V1_10__tenth.sql', -1050681194, 'a', '2024-01-03', 1, false);
