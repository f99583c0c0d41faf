-- What is checked is the same under another name; and what has the name checks something else.
create domain amount as numeric constraint positive check (value > 0);
create domain rate as numeric constraint low check (value < 1) constraint other check (value >= 0);
