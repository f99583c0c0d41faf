-- No unique key stands behind an upsert or a single row, and no filter behind a write.
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
