-- Declared absent, and there.
create table orders (id integer, status text);
comment on table orders is 'To be removed';
comment on column orders.status is 'This, too';
comment on column orders.id is 'Nobody says anything of this one';
