-- One is used by a default that stays; a serial's goes with its column only. The third is free.
create table orders (id bigserial, number bigint default nextval('orders_id_seq'));
create sequence numbers;
