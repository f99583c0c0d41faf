-- On without policies: everybody but the owner sees nothing.
create table sessions (id integer);
alter table sessions enable row level security;
