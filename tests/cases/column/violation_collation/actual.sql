-- Sorted otherwise than expected.
create table t (a text, b text collate "C", c text collate "POSIX");
