-- PUBLIC is stated, and has more; a role has what PUBLIC has.
create schema app;
grant all on schema app to public;
