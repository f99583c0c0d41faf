-- Defaults spelled otherwise than PostgreSQL prints them: by words, by trees, and by what the server prints.
create type mood as enum ('sad', 'glad');
create function words(a integer default 5, b text default 'x') returns integer language sql as 'select 1';
create function trees(a timestamptz default now(), b jsonb default '{}') returns integer language sql as 'select 1';
create function asked(a timestamptz default now() - interval '1 day', b mood default 'sad', c numeric = 1 + 2,
                      variadic d text[] default array['a', 'b']) returns integer language sql as 'select 1';
create function types_alone(a integer default 7) returns integer language sql as 'select 1';
create procedure called(a integer, b integer default 3) language sql as 'select 1';
create function "Odd; name"("Arg" text default E'a\nb'';"c"') returns text language sql as 'select $1';
create function overloaded(a integer, b integer default 1, c text default 'x') returns integer language sql as 'select 1';
create function overloaded(a text) returns integer language sql as 'select 1';
