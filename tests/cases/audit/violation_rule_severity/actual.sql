-- The contract may call a rule's findings worse or better than we do, by name or code.
create table t (id integer, n integer, extra text, required text);
