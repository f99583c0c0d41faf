-- Inserts pass in both: one finding each, and it does not claim that there is no value.
create table t (id integer generated always as identity);
create table u (id serial);
