-- Not listed; not there at all; no such publication.
create table session_requests (id integer primary key);
create table other (id integer primary key);
create publication supabase_realtime for table other;
