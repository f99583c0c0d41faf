-- Values with commas, quotes, percent signs and none at all; a type in another schema, one in odd letters.
create schema other;
create type status as enum ('pending', 'accepted', 'cancelled');
create type other.status as enum ('open');
create type "Weird; Type" as enum ('a, b', 'it''s', '100%', 'say "hi"', '', 'yes', ' lead');
create type "order" as enum ('Asc', 'asc');
create type nothing as enum ();
