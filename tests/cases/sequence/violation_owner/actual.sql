-- The sequence that a column owns has the owner of its table, which is not changed by way of the sequence.
create sequence numbers;
create table orders (id bigserial);
alter sequence numbers owner to case_member;
alter table orders owner to case_member;
