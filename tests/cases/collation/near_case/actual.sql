-- A name means the collation of the contract's schema in its own letters, and no other of a like name.
create schema other;
create collation "German" (locale = 'C');
create collation other.german (locale = 'C');
create collation german (locale = 'POSIX');
