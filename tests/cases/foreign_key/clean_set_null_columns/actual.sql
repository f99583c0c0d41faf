-- Only some of the columns become null; they may be named in any order.
create table people (tenant integer, id integer, kind integer, primary key (tenant, id, kind));
create table posts (kind integer, tenant integer, author integer,
  constraint posts_author foreign key (tenant, author, kind) references people on delete set null (author, kind),
  constraint posts_editor foreign key (tenant, author, kind) references people on delete set default (author));
