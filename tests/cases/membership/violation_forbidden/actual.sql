-- A member that should be none.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m10', 'case_m11'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m10 to case_m11;
create table t (id integer);
