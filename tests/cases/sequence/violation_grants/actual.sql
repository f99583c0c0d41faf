-- What all roles have suffices for one of them; of a role that is not named nothing is said.
create sequence numbers;
grant all on numbers to case_reader;
grant usage on numbers to public;
grant usage on numbers to case_member;
