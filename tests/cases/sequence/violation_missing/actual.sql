-- The column that is to own it and the default that names it are missing, too: the sequence must come first, and be
-- given to the column last. Default privileges must not give it more than the contract does.
create schema shop;
alter default privileges in schema shop grant all on sequences to case_reader;
