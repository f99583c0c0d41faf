-- Bodies call arguments by names, and name what is not there yet; an overload is there, and a function takes its name.
create schema other;
create type other."Odd.Type" as enum ('x');
create type "Odd (Type)" as enum ('x');
create function cancel(session_id uuid) returns text language sql as 'select $1::text';
