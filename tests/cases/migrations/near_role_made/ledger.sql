create schema if not exists supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations values ('20240101000000', array[$m$create table public.orders (
  id bigint primary key,
  state text not null
);
$m$], 'orders');
insert into supabase_migrations.schema_migrations values ('20240102000000', array[$m$create role case_migrated;
alter table public.orders add column note text;
$m$], 'note');
