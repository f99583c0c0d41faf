-- A composite type has columns and no rows.
create type shape as (a integer);
