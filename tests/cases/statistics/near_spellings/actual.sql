-- The same in another order, all kinds by name, columns in quotes, a target that is the default one.
create table "FROM t" (a integer, b text, "on" integer);
create statistics ". x FROM" (mcv, ndistinct) on "on", a, b from "FROM t";
create statistics every on a, b from "FROM t";
alter statistics every set statistics 100;
alter statistics every set statistics -1;
