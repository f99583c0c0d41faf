-- A comment with a reason suppresses what is found on its line or the next.
create table public.mails (id bigint generated always as identity primary key, address text not null);
