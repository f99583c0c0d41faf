-- Members with the options of GRANT, or without a word of them, one that inherits nothing; before PostgreSQL 16 there
-- is only ADMIN. The roles are this case's alone: others change what the shared ones are members of.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m1', 'case_m2', 'case_m15', 'case_m16', 'case_m17', 'case_m18', 'case_m19'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I%s', name, case name when 'case_m17' then ' noinherit' else '' end);
    end if;
  end loop;
end
$do$;
grant case_m2 to case_m1;
grant case_m16 to case_m15;
grant case_m18 to case_m17;
create table t (id integer);
grant select on t to case_m1, case_m2;
