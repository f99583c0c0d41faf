alter table public.orders rename to buys;
alter table public.buys rename constraint orders_pkey to buys_pkey;
alter index public.orders_memo rename to buys_memo;
alter function public.total(integer) rename to sum_of;
