-- Default privileges would give a new table what the contract does not state: to a role that it names, and to others.
alter default privileges grant all on tables to case_login, case_reader, "case ""Odd; %", public;
