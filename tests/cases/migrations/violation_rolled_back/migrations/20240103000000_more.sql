savepoint a;
create table public.more (id bigint);
rollback to savepoint a;
