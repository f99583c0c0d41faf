-- A value is a string: its case counts.
create type status as enum ('Pending');
