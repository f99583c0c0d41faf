-- A column that CREATE TABLE IF NOT EXISTS could not add was added by hand: it is there, and yet no file makes it.
create table public.orders (id bigint primary key, note text);
