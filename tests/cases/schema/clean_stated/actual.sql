-- What is stated is there: the owner, what roles have, one of them by no grant of its own but as a member.
create schema app authorization case_owner;
grant usage on schema app to case_writer, case_reader;
grant create on schema app to case_reader;
create schema "Odd; %";
create table app.t (id integer);
