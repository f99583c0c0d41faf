-- Another subtype, another operator class, and one function too few; nothing of a range type can be altered.
create type a as range (subtype = integer);
create type b as range (subtype = text);
create type c as range (subtype = float8);
