-- The function that it names is missing as well.
create type mood as enum ('sad');
