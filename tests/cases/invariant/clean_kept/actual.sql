-- Kept, by way of an expression that an index has.
create table parent (id uuid primary key);
create table child (id int primary key, data jsonb not null);
create index on child ((data ->> 'parent'));
insert into parent values ('00000000-0000-4000-8000-000000000001');
insert into child values (1, '{"parent": "00000000-0000-4000-8000-000000000001"}');
