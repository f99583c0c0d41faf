-- Members have USAGE through their role. Who does not inherit has none, and nobody has more than that role.
create sequence s;
grant usage, select on sequence s to case_writer;
create sequence closed;
grant usage, select on sequence closed to case_writer;
