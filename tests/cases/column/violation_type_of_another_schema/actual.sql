-- Two types of one name.
create schema other;
create type mood as enum ('ok');
create type other.mood as enum ('ok');
create table t (a other.mood);
