-- Another overload is another function, and so is a namesake elsewhere.
create schema other;
create function f(text) returns integer language sql as 'select 1';
create function other.g() returns integer language sql as 'select 1';
