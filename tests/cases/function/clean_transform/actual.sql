-- Transforms in another order and spelling, and one of which the contract says nothing.
create transform for integer language plpgsql (
  from sql with function prsd_lextype(internal), to sql with function int4recv(internal));
create schema other;
create type other."Odd; Type" as enum ('a');
create transform for other."Odd; Type" language plpgsql (from sql with function prsd_lextype(internal));
create function both_(a integer) returns integer language plpgsql
  transform for type integer, for type other."Odd; Type" as 'begin return a; end';
create function unstated(a integer) returns integer language plpgsql transform for type integer as 'begin return a; end';
