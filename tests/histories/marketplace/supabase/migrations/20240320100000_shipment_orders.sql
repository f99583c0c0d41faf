alter table public.shipments add constraint shipments_order_id_fkey
  foreign key (order_id) references public.orders (id) on delete cascade;
