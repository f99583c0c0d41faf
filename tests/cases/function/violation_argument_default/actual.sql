-- Names, types and number of defaults are right, and one of the defaults is another: who leaves the argument out gets
-- another result. A view calls it, so that it must be replaced in place.
create function greet(word text default 'Goodbye', number integer default 2, at timestamptz default now())
returns text language sql as $$ select word $$;
create view v as select greet();
create function "Odd; name"(integer default 1 + 1) returns integer language sql as $$ select 1 $$;
