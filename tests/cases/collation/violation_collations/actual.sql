-- A collation that is missing, as it is in another schema, and those that must not be there.
create schema other;
create collation other.german (locale = 'C');
create collation gone (locale = 'C');
create collation other."Odd; gone" (locale = 'C');
