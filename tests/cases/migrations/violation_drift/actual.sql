-- A column has another type than the file gives it, and another column no file makes.
create table public.orders (
  id bigint primary key,
  state varchar(10) not null,
  extra integer
);
