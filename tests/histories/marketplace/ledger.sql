create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);
insert into supabase_migrations.schema_migrations (version, name) values
  ('20240103090000', 'extensions'),
  ('20240103091000', 'profiles'),
  ('20240108120000', 'categories'),
  ('20240110100000', 'listings'),
  ('20240115100000', 'listing_images'),
  ('20240120100000', 'orders'),
  ('20240122100000', 'order_totals'),
  ('20240201100000', 'messages'),
  ('20240205100000', 'reviews'),
  ('20240210100000', 'favourites'),
  ('20240215100000', 'search'),
  ('20240220100000', 'seller_policies'),
  -- 20240225100000_payouts and 20240301100000_refunds never got through.
  ('20240305100000', 'touch'),
  ('20240312100000', 'message_index'),
  ('20240322100000', 'shipments'),
  ('20240401100000', 'coupons'),
  ('20240405100000', 'placeholder'),
  ('20240420100000', 'listing_attributes'),
  ('20240425100000', 'seller_stats'),
  ('20240501100000', 'no_favourites'),
  ('20240503100000', 'slugs'),
  -- Of a branch that was never merged.
  ('20240512100000', 'feature_flags'),
  ('20240515100000', 'listing_views'),
  ('20240518100000', 'tried_out'),
  ('20240520100000', 'message_words');
-- The column seen_at was added to the file after it was applied.
insert into supabase_migrations.schema_migrations (version, name, statements) values
  ('20240505100000', 'notifications', array[
$$create table public.notifications (
  id bigint generated always as identity primary key,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  words text not null
)$$,
    'alter table public.notifications enable row level security']);
