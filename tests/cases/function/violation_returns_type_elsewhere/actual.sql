-- Whether the bare name is that of an extension's type in another schema nobody can say: uncertain, no drift.
create schema other;
create type other.mood as enum ('ok');
create function f() returns other.mood language sql as 'select null::other.mood';
