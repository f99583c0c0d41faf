-- Not listed; not there at all; no such publication.
create table session_requests (id integer);
create table other (id integer);
create publication supabase_realtime for table other;
