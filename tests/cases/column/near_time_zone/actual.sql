-- One function call that PostgreSQL prints in the way in which it was written.
create table t (
  a timestamp default timezone('utc', now()),
  b timestamp default (now() at time zone 'utc'));
