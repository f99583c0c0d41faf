-- With every option, under odd names and inherited.
create table t (n integer, constraint positive check (n > 0), constraint alone check (n > 0) no inherit,
  constraint both_ check (n > 0 and n < 1000), constraint either check (n > 0 or n < -5));
alter table t add constraint old check (n < 1000) not valid, add constraint since_validated check (n < 1000) not valid;
alter table t validate constraint since_validated;
create table "Weird; Table" ("Mixed Case" text, "select" text, "a.b" text,
  constraint "100%; ""Check""" check ("Mixed Case" <> '100%' and "select" is not null and "a.b" > 'it''s'));
create table parent (n integer constraint positive_child check (n > 0));
create table child () inherits (parent);
