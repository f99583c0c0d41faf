-- What the tool's table says: all of the folder is applied.
--
-- The table of requests was made in a SQL editor, before there were files. When
-- the tool stopped at what was there already, somebody recorded all versions by
-- hand.

set role app_owner;

create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);

insert into supabase_migrations.schema_migrations (version, name) values
  ('20251001000000', 'accounts'),
  ('20251006000000', 'sessions'),
  ('20251022000002', 'fix_session_requests_mechanic_fkey'),
  ('20251028000000', 'session_requests'),
  ('20251029000000', 'session_requests_access'),
  ('20251030000000', 'session_requests_realtime');

reset role;
