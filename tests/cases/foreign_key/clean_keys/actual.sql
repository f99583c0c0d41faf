-- Every action, every match, with and without target columns, to itself and to a table in odd letters.
create schema other;
create table users (id uuid primary key);
create table other."Weird; Table" (x integer, "y.z" integer, primary key (x, "y.z"));
create table orders (id integer constraint orders_pkey primary key, user_id uuid, parent integer, a integer, b integer,
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
