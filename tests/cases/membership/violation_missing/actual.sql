-- A member is missing, one with the admin option; the names must be quoted.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m3', 'case "M"; %'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
revoke case_m3 from "case ""M""; %", case_reader;
create table t (id integer);
