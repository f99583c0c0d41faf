-- All that a view can have beside its query, each as the contract states it.
create table orders (id bigint, status text not null, total numeric);
create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
create view open_orders with (security_barrier = yes, check_option = local) as select * from orders where status = 'open';
alter view open_orders alter column status set default 'open';
alter view open_orders owner to case_owner;
grant select on open_orders to case_reader;
grant update (total) on open_orders to case_writer;
create view totals as select status, sum(total) as total from orders group by status;
create trigger keep instead of insert on totals for each row execute function keep();
