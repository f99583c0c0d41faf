-- Declared absent, and there.
create table t (id integer);
create rule vanish as on insert to t do instead nothing;
