-- Another owner can drop whatever is in the schema.
create schema app;
