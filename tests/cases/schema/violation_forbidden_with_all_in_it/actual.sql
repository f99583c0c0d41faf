-- What is in it is declared absent too: it is dropped first.
create schema old;
create type old.mood as enum ('a');
create table old.t (id integer, mood old.mood);
