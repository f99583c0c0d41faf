-- It stands on an enum and on another type that are missing as well, and a table uses it.
create schema shop;
