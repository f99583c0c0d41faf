-- For whom session_replication_role is replica no foreign key is looked at: of a role, or for everybody here.
create table b (id integer primary key);
create table a (b integer constraint a_b_fkey references b);
do $$
begin
  execute format('alter database %I set session_replication_role = replica', current_database());
  execute format('alter role case_outsider in database %I set session_replication_role = replica', current_database());
  execute format('alter role case_login in database %I set session_replication_role = replica', current_database());
  execute format('alter role case_owner in database %I set session_replication_role = local', current_database());
end $$;
