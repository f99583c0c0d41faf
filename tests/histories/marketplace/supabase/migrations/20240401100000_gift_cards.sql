create table public.gift_cards (code text primary key, credit numeric(10, 2) not null);
