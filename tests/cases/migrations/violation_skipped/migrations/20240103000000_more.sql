create index orders_state on public.orders (state);
