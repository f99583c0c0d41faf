-- Whether PostgREST permits aggregates, as its own role has it for this database, or for all: one row for each value.
select distinct pg_catalog.lower(pg_catalog.split_part(s.setting, '=', 2))
  from (select distinct on (r.setrole) u.setting
          from pg_catalog.pg_db_role_setting r
         cross join lateral pg_catalog.unnest(r.setconfig) as u (setting)
         where r.setrole <> 0
           and r.setdatabase in (0, (select d.oid from pg_catalog.pg_database d
                                      where d.datname = pg_catalog.current_database()))
           and pg_catalog.split_part(u.setting, '=', 1) = 'pgrst.db_aggregates_enabled'
         order by r.setrole, r.setdatabase desc) s
