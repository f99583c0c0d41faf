-- The first table; a semicolon in a comment.
create table public.a (
  id integer primary key,
  t text default 'x;y'
);

insert into a values (1); -- one row
