-- Only the server knows that these are one: a cast to the type that it has already is not printed, nor BETWEEN; the order
-- of checks, which goes by their names, means nothing; and a type may come from a search path.
create schema extensions;
create extension citext schema extensions;
create domain percent as integer constraint b check (value >= 0 and value <= 100) constraint a check (value <> 13);
create domain mail as extensions.citext;
