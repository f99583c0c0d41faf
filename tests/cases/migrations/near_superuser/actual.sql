-- The files may be run by a superuser, who may do what the role of the private server may not: none of it is rejected.
create table public.a (id int primary key);
