-- The default may be spelled out.
create table t (a integer, b integer);
alter table t add constraint t_a_key unique nulls not distinct (a), add constraint t_b_key unique (b);
