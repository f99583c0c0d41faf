-- On in both, so only a warning: the owner passes by, or does not.
create table sessions (id integer);
alter table sessions enable row level security;
create table intakes (id integer);
alter table intakes enable row level security, force row level security;
