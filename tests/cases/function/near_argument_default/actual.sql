-- The defaults as the server prints them have casts, and the types a schema.
create type mood as enum ('sad');
create function greet(word text default 'Hello', moods mood[] default '{sad}', number bigint default 1)
returns text language sql as $$ select word $$;
