-- They are not there; one is there under another name, and the name of one is taken by another table's.
create table t (a integer, b integer, c integer);
create table other (a integer, b integer);
create statistics "Old name" on b, c from t;
create statistics taken on a, b from other;
