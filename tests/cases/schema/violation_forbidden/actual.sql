-- An empty schema can go; one that holds something cannot, and is not dropped with that.
create schema empty;
create schema full_one;
create table full_one.t (id integer);
