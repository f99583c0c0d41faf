-- Servers among those that the contract names. options: name and value by turns, but for those that may hold a secret.
select s.srvname::text as name,
       w.fdwname::text as wrapper,
       array(select y.text
               from pg_catalog.pg_options_to_table(s.srvoptions) o
              cross join lateral (values (1, o.option_name), (2, o.option_value)) as y (place, text)
              where o.option_name !~* 'pass|pwd|secret|token|credential|private|(^|_)key$|sslkey|apikey|accesskey'
              order by o.option_name, y.place) as options
  from pg_catalog.pg_foreign_server s
  join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
 where s.srvname = any (%(name)s::name[])
 order by 1
