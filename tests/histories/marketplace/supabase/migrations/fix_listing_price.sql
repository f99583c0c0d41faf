update public.listings set price = 0 where price is null;
