-- What a session is told of its server: one row.
select pg_catalog.current_database()::text as database,
       pg_catalog.current_setting('server_version') as version,
       pg_catalog.current_setting('server_version_num')::int4 as number,
       pg_catalog.current_setting('server_encoding') as encoding,
       pg_catalog.pg_is_in_recovery() as standby,
       case when pg_catalog.pg_is_in_recovery()
            then extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8
            end as behind,
       (select s.version from pg_catalog.pg_stat_ssl s where s.pid = pg_catalog.pg_backend_pid() and s.ssl) as tls,
       (select s.cipher from pg_catalog.pg_stat_ssl s where s.pid = pg_catalog.pg_backend_pid() and s.ssl) as cipher,
       pg_catalog.pg_backend_pid() as pid
