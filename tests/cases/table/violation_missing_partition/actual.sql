-- The partitions of existing tables are gone: with keys, indexes, triggers and foreign keys of the parent, no default.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table users (id integer primary key);
create table orders (
  id integer not null, at date not null default current_date, user_id integer references users,
  constraint orders_pkey primary key (id, at), constraint orders_id_check check (id > 0)
) partition by range (at);
create index orders_user_id_idx on orders (user_id);
create trigger touch before insert on orders for each row execute function touch();
create table orders_2023 partition of orders for values from ('2023-01-01') to ('2024-01-01');
insert into users values (1);
insert into orders values (1, '2023-05-05', 1);
create table lists (word text) partition by list (word);
create table hashes (id bigint) partition by hash (id);
create schema other;
