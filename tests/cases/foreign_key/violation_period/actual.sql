-- A foreign key with a period is another one than without, and can be made anew.
create extension if not exists btree_gist;
create table prices (item integer, during daterange, constraint prices_pkey primary key (item, during without overlaps));
create table items (item integer, during daterange, primary key (item, during));
create table sales (item integer, during daterange,
  constraint sales_item foreign key (item, during) references items);
