-- A default of which the contract says nothing is a note; where it says that there is none, it is not.
create domain a as text default '';
create domain b as text default '';
create domain c as text;
