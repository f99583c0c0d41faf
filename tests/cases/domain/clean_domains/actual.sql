-- The server prints another spelling of all of them; a check without a name has any, and the order of two means nothing.
create domain amount as numeric(12,2) default 0 not null check (value >= 0);
create domain status as text constraint known check (value in ('open', 'done'));
create domain code as varchar(8) collate "C" constraint b check (value ~ '^[a-z]+$') constraint a check (length(value) > 2);
create domain plain as integer;
create domain nested as status check (value <> 'done');
