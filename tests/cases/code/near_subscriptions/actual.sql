-- Without the publication of Realtime, it is not known of which tables it is told.
create table public.requests (id bigint primary key, status text not null, room integer);
create table public.notes (id bigint primary key, body text);
create view public.open_requests as select id from public.requests;
create publication others for table public.notes;
