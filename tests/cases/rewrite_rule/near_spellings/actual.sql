-- The same in other words, with names that hold what the definition is cut by; a view's own rule needs no line.
create table "b.c TO x" ("do" integer, "where" text, "nothing" integer);
create rule "on TO do instead" as on update to "b.c TO x" where old."do" > 1 and new."where" is not null
  do instead (delete from "b.c TO x" where "do" = old."do"; insert into "b.c TO x" ("where") values ('; do'));
create rule listed as on delete to "b.c TO x" where old."do" in (1, 2) do instead nothing;
create rule one as on insert to "b.c TO x" do also delete from "b.c TO x" where "do" = 7;
create view seen as select "do" from "b.c TO x";
