-- The same in other words: a qualified operator, the default class, an order, an option, names that hold keywords.
create table "with" ("where" integer, during tsrange, "a (with) b" text,
  constraint "x USING gist (" exclude using gist (during with &&) with (fillfactor = 70) where ("where" > 0 and "where" < 9),
  constraint b exclude using btree ("a (with) b" with =, "where" with =),
  constraint c exclude using gist (during range_ops with operator(pg_catalog.&&), int4range("where", "where", '[]') with =));
