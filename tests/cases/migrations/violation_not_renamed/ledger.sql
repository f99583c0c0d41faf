create schema if not exists supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations values ('20240101000000', null, 'orders');
insert into supabase_migrations.schema_migrations values ('20240102000000', null, 'rename');
insert into supabase_migrations.schema_migrations values ('20240103000000', null, 'note');
