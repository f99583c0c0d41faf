-- Nothing keeps bookings apart: rows that conflict are there in one table, in another the rows conflict with none.
create table overlapping (id bigint primary key, room text, during int4range);
insert into overlapping values (1, 'a', '[1,5)'), (2, 'a', '[4,9)'), (3, 'a', null), (4, 'b', '[1,5)');
create table apart (id bigint primary key, room text, during int4range);
insert into apart values (1, 'a', '[1,5)'), (2, 'a', '[5,9)'), (3, 'a', null);
create table repeated (id bigint primary key, room text, state text);
insert into repeated values (1, 'a', 'open'), (2, 'a', 'open'), (3, 'a', 'closed');
create table taken (id bigint primary key, room text);
create index taken_excl on taken (room);
