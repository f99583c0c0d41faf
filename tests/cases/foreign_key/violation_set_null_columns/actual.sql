-- Without the columns, the tenant becomes null as well.
create table people (tenant integer, id integer, primary key (tenant, id));
create table posts (tenant integer, author integer,
  constraint only_author foreign key (tenant, author) references people on delete set null);
