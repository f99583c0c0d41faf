-- Members with the options of GRANT, or without a word of them; before PostgreSQL 16 there is only ADMIN.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m1', 'case_m2'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m2 to case_m1;
create table t (id integer);
grant select on t to case_m1, case_m2;
