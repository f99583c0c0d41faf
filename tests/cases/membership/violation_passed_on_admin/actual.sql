-- The admin option is too much; by it one member was made that is to stay, which is told before.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m23', 'case_m24', 'case_m25'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m23 to case_m24 with admin option;
grant case_m23 to case_m25 granted by case_m24;
create table t (id integer);
