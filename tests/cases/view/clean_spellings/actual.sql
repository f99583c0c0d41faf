-- The server expands `*`, names every column, and turns USING, casts and IN lists into its own words: no drift is one.
create schema side;
create table customers (id bigint primary key, name text);
create table orders (id bigint primary key, customer_id bigint, status varchar(20), total numeric(10,2), at timestamptz);
create table side.notes (order_id bigint, body text);
create function vat(numeric) returns numeric language sql immutable as 'select $1 * 0.19';
create view everything as select * from orders;
create view renamed (number, buyer) as select id, customer_id from orders;
create view filtered as select o.id, o.total as amount from orders as o where o.status in ('open', 'held') order by o.at desc;
create view cast_ as select id::text as id, cast(total as integer) from orders;
create view joined as select orders.*, n.body, c.name from orders join side.notes n on n.order_id = orders.id left join customers c on c.id = customer_id;
create view using_ as select id, name, status from orders join customers using (id);
create view counted as with recent as (select * from orders where at > now() - interval '1 day') select customer_id, count(*), sum(vat(total)) from recent group by 1 having count(*) > 1;
create view over_others as select number from renamed union all select customer_id from counted;
create view constants as values (1, 'a'), (2, 'b');
create view "Odd; 100%" as select '100%'::text as "a; b", 'it''s' as quoted;
