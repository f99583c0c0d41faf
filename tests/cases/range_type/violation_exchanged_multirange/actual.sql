-- The multirange goes with its range type, and so do the columns that have it; the names are 63 bytes long.
create type aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as range (subtype = integer);
create type spans as range (subtype = integer, multirange_type_name = "many; spans");
comment on type "many; spans" is 'kept';
create table booked (
  id integer primary key,
  a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,
  b "many; spans" default '{[1,2)}',
  c "many; spans"[],
  exclude using gist (b with &&)
);
insert into booked values (1, '[1,5)', '{[1,3),[6,)}', array['{[1,2]}']::"many; spans"[]), (2, null, '{}', '{}');
create function counted("many; spans") returns integer language sql immutable as 'select lower($1)::integer';
create index booked_counted on booked (counted(b));
