-- Names that look like the definition, where only the server can tell that two definitions are one.
create table "x USING btree (y)" ("100%" integer, "a.b" text);
create index a on "x USING btree (y)" (("100%" + 1), lower("a.b")) where "100%" > (1 - 1);
create index "public.x USING" on "x USING btree (y)" using btree ("a.b" desc nulls last);
