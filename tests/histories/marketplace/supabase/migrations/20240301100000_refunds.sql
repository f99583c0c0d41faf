alter type public.order_status add value 'refunded';
update public.orders set status = 'refunded' where id = '00000000-0000-4000-8000-000000000000';
