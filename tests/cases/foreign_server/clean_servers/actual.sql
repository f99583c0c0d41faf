-- Servers with odd names and options; a password among the options is neither compared nor shown.
create foreign data wrapper nowhere;
create foreign data wrapper "Odd; wrapper";
create server plain foreign data wrapper nowhere;
create server full_ foreign data wrapper nowhere options (host 'db.example', port '5432', password 'hunter2', "Odd; key" 'it''s');
create server "Odd; ""Server""" foreign data wrapper "Odd; wrapper" options (a 'b');
