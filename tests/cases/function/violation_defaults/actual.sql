-- Defaults with another value, of another type, and one too many: each compares for itself, and only missing ones are
-- a difference of the arguments. What depends on a function that must be made anew for it comes back unchanged.
create function other_value(a integer default 5, b text default 'x') returns integer language sql as 'select 1';
create function other_call(a timestamptz default now()) returns integer language sql as 'select 1';
create function one_more(a integer, b integer default 2) returns integer language plpgsql as $$ begin return b; end $$;
create function more_and_other(a integer default 1, b integer default 2) returns integer language sql as 'select 1';
create function body_too(a integer default 1) returns integer language sql as 'select 1';
create function standard_body(a text default 'a' || 'b') returns text language sql as 'select a';
create procedure called(a integer, b integer default 3) language sql as 'select 1';
create table one (id integer default one_more(1, 2));
create view seen as select one_more(1, 3) as it;
