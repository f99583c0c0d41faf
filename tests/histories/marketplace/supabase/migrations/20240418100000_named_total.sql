create or replace function public.order_total(order_id uuid) returns numeric
language sql stable as $$ select t.total from public.order_totals t where t.order_id = order_total.order_id $$;
