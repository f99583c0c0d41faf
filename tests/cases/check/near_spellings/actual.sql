-- The same tests in other words: PostgreSQL prints IN as = ANY, BETWEEN as two comparisons, and adds casts.
create type mood as enum ('ok', 'bad');
create function fine(integer) returns boolean immutable language sql as 'select true';
create table t (role varchar(20), n integer, name text, price integer, m mood, day date, data jsonb, tags text[], flag boolean,
  constraint listed check (role in ('customer', 'mechanic', 'admin')),
  constraint one check (role = 'customer'),
  constraint unlisted check (role not in ('a', 'b')),
  constraint between_ check (n >= 1 and n <= 10),
  constraint words check (length(trim(both from name)) > 0),
  constraint casts check (cast(price as numeric) > 0::numeric),
  constraint likes check (name ~~ '%x%'::text),
  constraint matches check (name ~ '^[a-z]+$'::text),
  constraint coalesced check (coalesce(name, ''::text) != ''),
  constraint enumerated check (m = any (array['ok'::mood, 'bad'::mood])),
  constraint dated check (day > '2026-01-01'::date),
  constraint own_function check (public.fine(n)),
  constraint json check ((data ->> 'a'::text) = 'b'::text),
  constraint case_ check (case when n > 0 then name is not null else true end),
  constraint either check ((name is null) or (role is null)),
  constraint distinct_ check (name is distinct from role::text),
  constraint array_ check (tags <@ array['a'::text, 'b'::text]),
  constraint arithmetic check ((n + 1) > (2 * 3)),
  constraint true_ check (flag),
  constraint not_ check (not flag));
