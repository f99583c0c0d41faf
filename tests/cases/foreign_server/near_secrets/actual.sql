-- Options that may hold a secret differ, or are there in one place only: nobody is told, and nothing is changed.
create foreign data wrapper nowhere;
create server one foreign data wrapper nowhere options (host 'h', password 'hunter2', sslpassword 'x', api_key 'k', auth_token 't');
create server two foreign data wrapper nowhere options (passfile '/secret');
