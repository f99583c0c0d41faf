-- The index is unique and should not be, and a foreign key rests on it, because the primary key is missing.
create table orders (id integer not null);
create unique index orders_id_idx on orders (id);
create table items (order_id integer references orders (id));
