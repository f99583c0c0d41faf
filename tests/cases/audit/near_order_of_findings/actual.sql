-- The worst first, then by code, then by path.
create table z (a integer);
create table a (a integer, b text);
