-- They come after what their queries name, and with rows unless the contract says that there are none.
create table orders (id bigint primary key, status text);
insert into orders values (1, 'open');
alter default privileges in schema public grant select on tables to case_reader;
