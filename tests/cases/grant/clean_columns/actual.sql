-- Privileges on single columns, beside those on the table, by membership, and hidden below those on the table.
create table t (id integer, name text, "odd, name" text, note text);
grant select (id, name), update ("odd, name"), insert on t to case_reader;
grant select, select (id), update (name) on t to case_owner;
grant select (id) on t to case_writer;
