-- The same rows are refused at another moment; one of them is a column's, whose name PostgreSQL made.
create table t (a integer, b integer, exclude (a with =), constraint late exclude (b with =) deferrable initially deferred);
