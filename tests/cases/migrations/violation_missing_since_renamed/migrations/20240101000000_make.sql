create schema shop;
create type shop.state as enum ('new', 'done');
create table shop.orders (
  id bigint constraint orders_pkey primary key,
  memo text,
  total integer constraint total_check check (total > 0)
);
create table shop.lines (id bigint);
