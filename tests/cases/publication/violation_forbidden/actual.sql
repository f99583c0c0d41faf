-- Listed, or with all others.
create table intakes (id integer primary key);
create publication supabase_realtime for table intakes;
create publication everything for all tables;
