-- The tables of some schemas whose changes Realtime is told of; a row without a name if there are none of them.
select coalesce(t.schemaname::text, ''), coalesce(t.tablename::text, '')
  from pg_catalog.pg_publication p
  left join pg_catalog.pg_publication_tables t on t.pubname = p.pubname and t.schemaname = any (%(schemas)s)
 where p.pubname = 'supabase_realtime'
 order by 1, 2
