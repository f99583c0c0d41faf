-- What is usual is not stated, and the name of the multirange type is compared only where it is.
create schema extensions;
create extension citext schema extensions;
create type floats as range (subtype = float8, subtype_diff = float8mi);
create type names as range (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
create type mails as range (subtype = extensions.citext);
