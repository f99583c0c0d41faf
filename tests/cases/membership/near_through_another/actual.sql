-- Who is a member by way of a third role is no member itself; nothing is said of the other way round.
create table t (id integer);
