-- Another value; and a text that is a body of its own, which is bound to nothing.
create function two() returns integer return 2 + 1;
create function turned_into_text() returns integer begin atomic select 1; end;
