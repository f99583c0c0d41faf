-- Each is the other.
create table b (id integer primary key);
create table a (b integer,
  constraint now_ foreign key (b) references b deferrable initially deferred,
  constraint later foreign key (b) references b);
