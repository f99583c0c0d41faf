-- PostgreSQL prints the casts that it added.
create table t (price numeric, qty integer, total numeric generated always as (price * qty::numeric) stored,
  name text, label text generated always as ((upper(name))) stored);
