begin;
create index concurrently orders_buyer_idx on public.orders (buyer_id);
commit;
