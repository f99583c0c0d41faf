create schema shop;
alter table public.buys set schema shop;
alter table shop.buys rename memo to note;
