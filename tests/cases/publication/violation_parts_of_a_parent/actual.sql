-- A table is listed anew while one that inherits from it is published as well, or is not, and must be left as it is.
create table par (a integer primary key, b text);
create table kid () inherits (par);
alter table kid add primary key (a);
create table alone (a integer primary key, b text);
create table child () inherits (alone);
create publication both_of for table par;
create publication one_of for table only alone;
alter publication both_of set (publish = 'insert');
alter publication one_of set (publish = 'insert');
