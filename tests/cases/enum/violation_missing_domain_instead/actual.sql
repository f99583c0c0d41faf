-- A domain with a check looks like an enum from outside, and is none.
create domain status as text check (value in ('pending'));
