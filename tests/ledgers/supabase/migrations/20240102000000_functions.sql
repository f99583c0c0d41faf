/* two ; functions */
create function f() returns integer language plpgsql as $f$
begin
  return 1; -- inside
end;
$f$;

create function g() returns integer language sql
begin atomic
  select 1;
end;
create table b (id integer);;
