-- Each was made a member by the one before it, in both orders of their names: the last is revoked first.
do $do$
declare
  name text;
begin
  foreach name in array array['case_m26', 'case_m27', 'case_m28', 'case_m29', 'case_m30', 'case_m31'] loop
    if not exists (select from pg_roles r where r.rolname = name) then
      execute format('create role %I', name);
    end if;
  end loop;
end
$do$;
grant case_m26 to case_m27 with admin option;
grant case_m26 to case_m28 with admin option granted by case_m27;
grant case_m26 to case_m29 granted by case_m28;
grant case_m30 to case_m29 with admin option;
grant case_m30 to case_m28 with admin option granted by case_m29;
grant case_m30 to case_m27 with admin option granted by case_m28;
grant case_m30 to case_m31 granted by case_m27;
create table t (id integer);
