-- Collations of the database's own, with odd names and in other schemas, and those that every database has.
create schema other;
create collation german (locale = 'C');
create collation other."Odd; collation" (locale = 'C');
