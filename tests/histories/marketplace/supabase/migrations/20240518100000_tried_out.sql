begin;
alter table public.orders add column gift boolean not null default false;
rollback;
