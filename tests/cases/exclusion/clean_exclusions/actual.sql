-- An operator over a range, one over an expression, `=` by another method, and each way to say when it is checked.
create table bookings (id bigint primary key, room integer, during tsrange, state text, place box,
  constraint no_overlap exclude using gist (int4range(room, room, '[]') with &&, during with &&)
    where (state <> 'cancelled'),
  constraint one_place exclude using gist (place with &&) deferrable initially deferred,
  constraint one_state exclude (state with =) deferrable);
