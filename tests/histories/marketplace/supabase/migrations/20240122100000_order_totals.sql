create view public.order_totals as
  select order_id, sum(price) as total from public.order_items group by order_id;

create function public.order_total(the_order uuid) returns numeric
language sql stable as $$ select total from public.order_totals where order_id = the_order $$;
