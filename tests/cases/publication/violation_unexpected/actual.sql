-- A contract table whose changes are sent unasked; a table that the contract does not know is nobody's business.
create table a (id integer primary key);
create table intakes (id integer primary key);
create table unknown (id integer primary key);
create publication supabase_realtime for table a, intakes, unknown;
