-- The same indexes in other words.
create type mood as enum ('ok', 'bad');
create function fine(integer) returns integer immutable language sql as 'select 1';
create table t (a integer, b integer, c text, status text, m mood, data jsonb);
create index short on t using btree (a);
create index directions on t (a, b desc);
create index predicate on t (a) where status = any (array['pending'::text, 'open'::text]);
create index predicate_enum on t (a) where m = 'ok'::mood;
create index expression on t ((data ->> 'session_id'::text));
create unique index expression_cast on t (cast(data ->> 'n' as integer));
create index opclass on t (c);
create index function on t (lower(c), a);
create index parameter on t (a) with (fillfactor = '70');
create index own_function on t (public.fine(a));
create index collated on t (c collate pg_catalog."C");
create index upper_ on t (a) where b is not null;
