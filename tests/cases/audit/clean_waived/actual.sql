-- Accepted for now: by object and rule, and by a glob over two tables.
create type session_status as enum ('waiting');
create table sessions (status text, note text);
create table mechanics (note text);
