-- Another overload is declared absent.
create function f() returns integer language sql as 'select 1';
create function f(text) returns integer language sql as 'select 1';
