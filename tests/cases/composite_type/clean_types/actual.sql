-- Other spellings of the same types, a name that needs quotes, a collation of its own, and a type from a search path;
-- an attribute that was dropped is none.
create schema extensions;
create extension citext schema extensions;
create type mood as enum ('sad', 'ok');
create type address as (street text collate "C", "ZIP code" varchar(10), at timestamptz[], gone int, mood mood);
alter type address drop attribute gone;
create type mail as (name extensions.citext, mood mood);
create type nothing as ();
