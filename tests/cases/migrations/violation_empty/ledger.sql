create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations values
  ('20240101000000', '{}', 'nothing'), ('20240102000000', '{"select 1"}', 'looks');
