-- Sellers see who bought.
create policy if not exists "Sellers see orders" on public.orders for select
  using (exists (
    select 1 from public.order_items i join public.listings l on l.id = i.listing_id
    where i.order_id = orders.id and l.seller_id = auth.uid()
  ));
create policy "Buyers see items" on public.order_items for select
  using (exists (select 1 from public.orders o where o.id = order_id and o.buyer_id = auth.uid()));
