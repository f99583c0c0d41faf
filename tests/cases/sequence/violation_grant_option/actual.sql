-- Whoever the contract does not name may pass on what it has, and so may the owner.
create sequence numbers;
grant usage, select on sequence numbers to case_reader with grant option;
grant update on sequence numbers to case_reader;
grant usage on sequence numbers to case_writer with grant option;
