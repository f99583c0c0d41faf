-- Its function is nowhere, so that nothing can bring it.
create table t (id integer);
