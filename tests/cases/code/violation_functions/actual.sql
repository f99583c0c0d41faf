-- Functions that are not there, or not with arguments of these names.
create table public.requests (id uuid primary key, status text, minutes integer);
create function public.accept_request(request_id uuid, mechanic uuid default null) returns boolean
  language sql as $$ select true $$;
create function public.requests_of(customer uuid) returns setof public.requests
  language sql stable as $$ select * from public.requests $$;
create function public.price(minutes integer) returns integer language sql as $$ select 1 $$;
create function public.price(minutes text) returns integer language sql as $$ select 1 $$;
create function public.price(minutes integer, plan text) returns integer language sql as $$ select 1 $$;
create function public.ping() returns text language sql as $$ select 'x' $$;
