create table pgsodium.key (
  id          uuid primary key default gen_random_uuid(),
  status      text default 'valid',
  created     timestamptz not null default current_timestamp,
  expires     timestamptz,
  key_type    text,
  key_id      bigint,
  key_context bytea default '\x7067736f6469756d',
  name        text unique
);
grant usage on schema pgsodium to public;
grant all on pgsodium.key to public;
