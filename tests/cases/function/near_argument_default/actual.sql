-- The defaults as the server prints them have casts, and a schema; one more does no harm to a call without it.
create type mood as enum ('sad');
create function greet(word text default 'Hello', moods mood[] default '{sad}', number bigint default 1)
returns text language sql as $$ select word $$;
create function fewer(a integer default 7, b integer default 1) returns integer language sql as $$ select a $$;
