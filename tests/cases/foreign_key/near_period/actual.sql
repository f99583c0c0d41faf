-- From PostgreSQL 18 on a foreign key can ask that a range be covered; and a column may be called period.
create extension if not exists btree_gist;
create table prices (item integer, during daterange, constraint prices_pkey primary key (item, during without overlaps));
create table sales (item integer, during daterange, period integer,
  constraint sales_price foreign key (item, period during) references prices (item, period during));
create table plain (item integer, period integer, constraint plain_key unique (item, period));
create table refers (item integer, period integer,
  constraint refers_plain foreign key (item, period) references plain (item, period));
