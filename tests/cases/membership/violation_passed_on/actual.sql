-- The member granted the role to another by its admin option, and of that one the contract says nothing: it is refused before.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m20', 'case_m21', 'case_m22'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m20 to case_m21 with admin option;
grant case_m20 to case_m22 granted by case_m21;
create table t (id integer);
