-- Members have EXECUTE through their role, and owners and superusers without a grant. Who does not inherit has none.
create function called() returns integer language sql as 'select 1';
revoke execute on function called from public;
grant execute on function called to case_writer;
alter function called owner to case_owner;
create function closed() returns integer language sql as 'select 1';
revoke execute on function closed from public;
grant execute on function closed to case_writer;
