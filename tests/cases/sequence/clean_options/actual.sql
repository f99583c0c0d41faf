-- Stated in another order and with the usual values spelled out; of what a mapping leaves out nothing is said. The
-- current value is data, and a serial's own sequence needs no mention.
create sequence numbers as integer increment by 5 minvalue 10 maxvalue 1000 start with 20 cache 3 cycle;
select setval('numbers', 500);
create sequence downwards increment by -1;
create sequence plain;
create table orders (id bigserial, number integer default nextval('numbers'));
alter sequence plain owner to case_owner;
grant usage, select on plain to case_reader;
grant update on plain to case_writer;
