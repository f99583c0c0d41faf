-- Where the contract lists no grants, nobody's are judged.
create table t (n integer);
grant select on t to case_reader, public;
