-- Prisma's ledger has a row for each time: the migration failed, was mended, and is applied.
create table public.orders (id bigint primary key, state text not null);
alter table public.orders add column note text;
