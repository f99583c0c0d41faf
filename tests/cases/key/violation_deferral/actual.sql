-- Deferrable unasked, not at all, and only half.
create table t (a integer unique deferrable, b integer unique, c integer unique deferrable);
