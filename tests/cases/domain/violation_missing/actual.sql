-- An enum of the same name is no domain. The one that is missing calls a function and stands on another domain that are
-- missing as well, and a table uses it.
create type status as enum ('open');
