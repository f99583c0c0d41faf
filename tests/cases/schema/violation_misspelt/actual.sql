-- A schema that the contract names by mistake is not created, nor is what refers to it; one that it names as new is, and
-- one that resembles none.
create schema billing;
create table billing.bill (id bigint primary key);
create table p (bill bigint, far bigint);
