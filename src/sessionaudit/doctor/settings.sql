-- The settings that change what commands do, with where each is from; one that this version lacks has no row.
select s.name, pg_catalog.current_setting(s.name), s.source
  from pg_catalog.pg_settings s
 where s.name = any (%(names)s)
 order by s.name
