-- With rights that it must not have, and without those that it needs.
create function raised() returns integer language sql security definer as 'select 1';
create function lowered() returns integer language sql as 'select 1';
