create table public.logs (id bigint, booking bigint references public.bookings, status text);
