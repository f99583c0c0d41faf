-- Keys that differ by strategy, column, order, expression, collation and operator class; what is not partitioned at all.
create table strategy (a integer) partition by list (a);
create table other_column (a date, b date) partition by range (a);
create table turned (a integer, b integer) partition by range (a, b);
create table expression (word text) partition by list (lower(word));
create table other_collation (word text) partition by list (word);
create table class (word text) partition by range (word text_pattern_ops);
create table plain (a integer);
create table whole (a integer) partition by list (a);
create table part partition of whole for values in (1);
