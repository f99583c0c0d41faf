-- A member of a role that has EXECUTE has it too; a role that has it through PUBLIC alone is a warning.
create aggregate total(integer) (sfunc = int4pl, stype = integer);
revoke execute on function total(integer) from public;
grant execute on function total(integer) to case_writer;
create aggregate opened(integer) (sfunc = int4pl, stype = integer);
