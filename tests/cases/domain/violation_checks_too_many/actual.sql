-- All that is expected is there, and more: a value that should be valid is refused.
create domain code as text check (value <> '') constraint short check (length(value) < 3);
