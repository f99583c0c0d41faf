-- Each is created with the options that the server has; before PostgreSQL 16 that is ADMIN.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m12', 'case_m13', 'case_m14'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
revoke case_m12 from case_m13, case_m14;
create table t (id integer);
