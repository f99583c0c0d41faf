-- A type that an extension brought into a schema of its own may be named without it, as those who use it do.
create schema extensions;
do $$
begin
  create extension citext schema extensions;
exception when undefined_file or feature_not_supported then
  create domain public.citext as text;
  create domain extensions.citext as text;
end
$$;
set search_path = public, extensions;
create table people (email citext not null, other extensions.citext);
