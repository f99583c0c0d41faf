create table public.coupons (code text primary key, percent smallint not null check (percent between 1 and 90));
