create table public.reviews (
  order_id uuid primary key references public.orders (id),
  rating smallint not null,
  words text,
  constraint reviews_rating_check check (rating between 1 and 5)
);
alter table public.reviews enable row level security;
