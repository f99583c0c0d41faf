-- The order is the sort order, which is a fraction here, not the order in which values were made.
create type status as enum ('a', 'd');
alter type status add value 'c' before 'd';
alter type status add value 'b' before 'c';
