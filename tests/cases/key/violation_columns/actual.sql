-- The right columns in the wrong order must still fire.
create table t (a integer, b integer, c integer not null, d integer, constraint order_counts unique (b, a),
  constraint one_more unique (a, b), constraint one_less unique (b), constraint other_sort unique (c),
  constraint not_covering unique (d));
