alter table public.order_items add constraint order_items_price_check
  check (price <= (select max(price) from public.listings));
