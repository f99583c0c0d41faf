-- Other texts: another word, another letter, a blank at the end.
create table orders (id integer, status text);
create type mood as enum ('ok');
comment on table orders is 'What people buy';
comment on column orders.status is 'where it stands';
comment on type mood is 'How it is ';
