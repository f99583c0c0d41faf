-- The pairs of a foreign key may stand in any order, as long as they are the same pairs.
create table a (x integer, y integer, primary key (x, y));
create table u (x integer, y integer, unique (x, y));
create table t (
  a1 integer, a2 integer,
  constraint same foreign key (a2, a1) references a (y, x),
  constraint same_unique foreign key (a2, a1) references u (y, x),
  constraint same_bare foreign key (a2, a1) references a (y, x),
  constraint crossed foreign key (a2, a1) references a (x, y),
  constraint crossed_unique foreign key (a2, a1) references u (x, y),
  constraint crossed_bare foreign key (a2, a1) references a);
