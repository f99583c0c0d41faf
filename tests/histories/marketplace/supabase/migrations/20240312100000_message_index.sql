drop index public.messages_listing_idx;
create index concurrently messages_thread_idx on public.messages (listing_id, sender_id, sent_at);
