create policy if not exists p on public.orders for select using (true);
alter table public.orders add column note txt;
