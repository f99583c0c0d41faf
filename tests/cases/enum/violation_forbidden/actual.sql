-- Declared absent, and there.
create type status as enum ('a');
