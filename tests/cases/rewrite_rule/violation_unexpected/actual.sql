-- The contract does not name them: one that does more, one because of which inserts vanish.
create table t (id integer);
create rule more as on insert to t do also notify heard;
create rule vanish as on insert to t do instead nothing;
