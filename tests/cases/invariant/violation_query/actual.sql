-- Two rows that are right alone and contradict each other together.
create table claim (id int primary key, item int not null, open boolean not null);
insert into claim values (1, 1, true), (2, 1, true), (3, 2, true), (4, 2, false);
