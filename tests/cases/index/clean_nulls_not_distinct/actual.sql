-- Its words stand behind the columns, not before them as in a constraint.
create table t (a integer, b integer);
create unique index t_a on t (a) nulls not distinct;
create unique index t_b on t (a) include (b) nulls not distinct where b > 0;
