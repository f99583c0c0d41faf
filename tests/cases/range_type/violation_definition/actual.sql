-- Another subtype, another operator class, and one function too few; as nothing can be altered, each is made anew.
create type a as range (subtype = integer);
create type b as range (subtype = text);
create type c as range (subtype = float8);
