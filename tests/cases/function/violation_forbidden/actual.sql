-- Declared absent, and there.
create function f(integer) returns integer language sql security definer as 'select 1';
