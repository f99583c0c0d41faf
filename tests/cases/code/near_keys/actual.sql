-- A key in another order, a filter that comes later, and a single row of a function.
create table public.seats (
  id bigint primary key,
  room text not null,
  number integer not null,
  guest text,
  email text unique,
  token text,
  unique (room, number)
);
create unique index seats_of_guests on public.seats (guest) where token is null;
create unique index seats_of_tokens on public.seats (lower(token));
