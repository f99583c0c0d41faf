-- PUBLIC may execute what it was not revoked from. A trigger's function is called by nobody, whatever its privileges are.
create function all_of_them() returns integer language sql security definer as 'select 1';
create function some_of_them() returns integer language sql security definer as 'select 1';
revoke execute on function some_of_them() from public;
create function own_rights() returns integer language sql as 'select 1';
create function fired() returns trigger language plpgsql security definer as $$ begin return new; end $$;
