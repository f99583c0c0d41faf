-- Options that came with PostgreSQL 16; two roles have granted one of them.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m7', 'case_m8', 'case_m9'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m7 to case_m8 with inherit true, set true;
grant case_m7 to case_m9 with inherit false, set false, admin true;
create table t (id integer);
