-- The right columns in the wrong order must still fire.
create table t (a integer, b integer, c text);
create index order_counts on t (b, a);
create index direction on t (a);
create index predicate on t (a) where b >= 0;
create index predicate_lost on t (a);
create index method on t using hash (a);
create index expression on t (upper(c));
create index covering on t (a, b);
create index opclass on t (c);
