-- What the first file makes has other names since: a schema, a table, a column, a type and a constraint. It is missed
-- of the file that makes it, not of those that rename.
create schema store;
create table store.purchases (
  id bigint constraint orders_pkey primary key,
  total integer
);
