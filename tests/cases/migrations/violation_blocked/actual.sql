-- The second file is rejected, and the third and the fourth fail only because of that; the fifth has a fault of its own.
create table public.orders (id bigint);
