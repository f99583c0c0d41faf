-- A table need not stand under tables: to be looked for in a publication.
create schema other;
create table session_requests (id integer primary key);
create table other."Weird; Table" (id integer primary key);
create table unlisted (id integer primary key);
create publication supabase_realtime for table session_requests, other."Weird; Table", unlisted;
create publication "Odd; ""Publication""" for table session_requests;
