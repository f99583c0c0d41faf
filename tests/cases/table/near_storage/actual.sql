-- The same parameters in other words: off for false, a number with zeros, a name in capitals.
create table tuned (id integer) with (
  autovacuum_enabled = off, vacuum_truncate = 0, autovacuum_vacuum_scale_factor = 0.10, fillfactor = 070,
  parallel_workers = 4
);
