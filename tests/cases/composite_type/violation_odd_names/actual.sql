-- Quotes, a percent sign and a dollar sign in the names of a type and its attributes.
create type "t'; ""%s$do$" as ("a'""%s" int, "b.c" text, "gone,)" text);
