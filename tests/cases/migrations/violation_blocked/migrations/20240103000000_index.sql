create index orders_note on public.orders (note);
drop policy p on public.orders;
