-- Rows without a partner that the promise is not about: one that a condition leaves out by being null, one too young.
create table parent (id int primary key, wants boolean, created_at timestamptz not null);
create table child (id int primary key, parent_id int);
create index on child (parent_id);
insert into parent values (1, null, now() - interval '1 day'), (2, true, now());
