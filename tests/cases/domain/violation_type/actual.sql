-- Nothing uses the first, which can be made anew, with its comment and what others may do with it. The second is the
-- type of a column, so that a person must decide.
create domain code as varchar(8) check (value <> '');
comment on domain code is 'a code';
create domain used as integer;
create table t (x used);
