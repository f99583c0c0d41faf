-- An error: statements that name the value fail.
create type status as enum ('pending', 'cancelled');
