-- Flyway's baseline stands for the versions up to its own; 2 and 2.0.1 are two versions; a README is no ignored file.
create table public.orders (id bigint primary key, state text not null);
alter table public.orders add column note text;
create table public.lines (id bigint primary key);
