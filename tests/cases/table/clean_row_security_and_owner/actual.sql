-- Nothing is said of `unsaid`, so it may be as it likes.
create table shut ();
alter table shut enable row level security, force row level security, owner to case_owner;
create table on_ ();
alter table on_ enable row level security;
create table off_ ();
create view looked_at as select 1 as a;
alter view looked_at owner to "case ""Odd; %";
create table unsaid ();
alter table unsaid enable row level security, owner to case_reader;
