-- A SECURITY DEFINER function may do what its owner may, whoever that became.
create function f() returns integer language sql security definer as 'select 1';
create function g() returns integer language sql as 'select 1';
alter function g() owner to case_owner;
create function h() returns integer language sql as 'select 1';
create procedure p() language sql as 'select 1';
revoke execute on function f() from public;
