-- The publication has one of two tables, and no view can be in it.
create table public.requests (id bigint primary key, status text not null, room integer);
create table public.notes (id bigint primary key, body text);
create view public.open_requests as select id from public.requests;
create publication supabase_realtime for table public.requests;
