-- Every action, every match, with and without target columns, to itself and to a table in odd letters.
create schema other;
create table users (id uuid primary key);
create table other."Weird; Table" (x integer, "y.z" integer, primary key (x, "y.z"));
create table orders (id integer not null constraint orders_id_key unique, user_id uuid, parent integer, a integer, b integer,
  constraint short foreign key (user_id) references users (id),
  constraint long foreign key (user_id) references users,
  constraint cascade_ foreign key (user_id) references users on delete cascade on update restrict,
  constraint nulled foreign key (user_id) references users on delete set null,
  constraint defaulted foreign key (user_id) references users on update set default,
  constraint full_ foreign key (a, b) references other."Weird; Table" match full,
  constraint simple_ foreign key (a, b) references other."Weird; Table",
  constraint itself foreign key (parent) references orders (id),
  constraint deferred_ foreign key (user_id) references users deferrable initially deferred,
  constraint "100%" foreign key (a, b) references other."Weird; Table");
alter table users add constraint users_id_key unique (id);
alter table orders drop constraint orders_id_key cascade;
alter table orders add constraint orders_id_key unique (id);
alter table orders add constraint itself foreign key (parent) references orders (id);
