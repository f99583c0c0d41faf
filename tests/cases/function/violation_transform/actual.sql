-- A transform that is missing, one too many, another one, and those of a missing function.
create transform for integer language plpgsql (
  from sql with function prsd_lextype(internal), to sql with function int4recv(internal));
create schema other;
create type other."Odd; Type" as enum ('a');
create transform for other."Odd; Type" language plpgsql (from sql with function prsd_lextype(internal));
create function missing_(a integer) returns integer language plpgsql as 'begin return a; end';
create function more(a integer) returns integer language plpgsql
  transform for type integer, for type other."Odd; Type" as 'begin return a; end';
create function another(a integer) returns integer language plpgsql transform for type integer as 'begin return a; end';
