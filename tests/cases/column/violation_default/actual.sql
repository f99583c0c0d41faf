-- An error only where the insert fails; a note where the default is unasked.
create table t (changed text not null default 'waiting', lost uuid not null, lost_nullable text,
  unasked text default 'surprise', number integer default 2);
