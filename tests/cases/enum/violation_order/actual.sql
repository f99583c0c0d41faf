-- The right values in the wrong order: greatest() and order by differ.
create type status as enum ('high', 'low');
