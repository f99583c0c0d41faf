-- CREATE for PUBLIC, as before PostgreSQL 15, is nothing that the list of grants says.
create schema app;
grant all on schema app to public;
