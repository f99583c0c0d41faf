-- Another table, its namesake in another schema, other columns on either side, the right columns crosswise.
create schema auth;
create table auth.users (id uuid primary key);
create table users (id uuid primary key);
create table mechanics (id uuid primary key, user_id uuid unique);
create table pairs (x integer, y integer, primary key (x, y), unique (y, x));
create table session_requests (mechanic_id uuid, customer_id uuid, a integer, b integer,
  constraint other_table foreign key (mechanic_id) references users (id),
  constraint other_schema foreign key (customer_id) references users (id),
  constraint other_columns foreign key (mechanic_id) references mechanics (id),
  constraint not_primary foreign key (mechanic_id) references mechanics (user_id),
  constraint from_elsewhere foreign key (customer_id) references mechanics (id),
  constraint crossed foreign key (a, b) references pairs (y, x),
  constraint half foreign key (a, b) references pairs (x, y));
