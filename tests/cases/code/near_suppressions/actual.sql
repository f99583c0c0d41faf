-- Comments that only look like one, and one that stands above a request of several lines.
create table public.mails (id bigint generated always as identity primary key, address text not null);
