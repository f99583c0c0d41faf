-- Where values might become others, a person must decide: the repair says which statements to run.
create type whole as range (subtype = numeric);
create type moment as range (subtype = timestamptz);
create table t (id integer primary key, a whole, b moment[]);
insert into t values (1, '[1,5)', array['[2024-01-01 00:00+00,)']::moment[]);
