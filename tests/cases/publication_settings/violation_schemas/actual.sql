-- A schema too many, one too few.
create schema app;
create schema other;
create publication sent for tables in schema app;
