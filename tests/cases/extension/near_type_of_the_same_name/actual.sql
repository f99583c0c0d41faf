-- A type called citext in another schema makes no extension of it, nor one that is asked for.
create schema ext;
create domain ext.citext as text;
create table people (email ext.citext not null);
