-- Not null missing is a warning; not null unasked is an error where no default fills it.
create table t (required text, free text not null, filled text not null default '');
