-- The default collation goes without saying, and a bare name is one of PostgreSQL's or one of the contract's schema.
create schema other;
create collation mine from "C";
create collation "C" from "POSIX";
create collation "dotted.name" from "C";
create collation other."Odd Coll" from "C";
create schema dotted;
create collation dotted.name from "C";
create table t (a text collate pg_catalog."C", b text collate "POSIX", c text collate "default", d text collate mine,
  e text collate mine, f text collate other."Odd Coll", g text, h text collate public."C", i text collate "dotted.name",
  j text collate "dotted.name", k text collate public."C", l text collate "C");
