-- An audit that may not ask the server says so, where only the server knows: here nothing drifted.
create table t (price numeric, qty integer, total numeric generated always as (price * qty) stored, id serial,
  constraint sensible check (price * qty > 0));
