-- The admin option is missing, and another is too much, which without a word is so.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m4', 'case_m5', 'case_m6'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m4 to case_m5;
revoke admin option for case_m4 from case_m5;
grant case_m4 to case_m6 with admin option;
create table t (id integer);
