-- A signature knows no lengths, and types may have odd names.
create schema other;
create type other."Odd.Type" as enum ('x');
create type "Odd (Type)" as enum ('x');
create function t(timestamp, "char", char, other."Odd.Type", "Odd (Type)"[]) returns integer language sql as 'select 1';
create function u(float8, interval, varchar) returns other."Odd.Type" language sql as 'select null::other."Odd.Type"';
