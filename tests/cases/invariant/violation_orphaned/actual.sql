-- A row whose partner is there but for one character of the link, and no index over the link.
create table parent (id text primary key, created_at timestamptz not null default now() - interval '1 day');
create table child (id int primary key, parent_id text);
insert into parent values ('a'), ('b');
insert into child values (1, 'a'), (2, 'B');
