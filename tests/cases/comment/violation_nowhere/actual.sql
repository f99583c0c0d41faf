-- A comment on what neither the database has nor the contract.
create table orders (id integer);
