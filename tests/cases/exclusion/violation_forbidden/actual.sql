-- Declared absent, and there: as an exclusion constraint, and as a key of that name.
create table t (a integer, constraint gone exclude (a with =), constraint gone_too unique (a));
