-- Child tables escape the one and obey the other.
create table t (n integer, constraint all_ check (n > 0) no inherit, constraint alone check (n > 0));
