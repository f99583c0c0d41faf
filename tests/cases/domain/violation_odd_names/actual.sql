-- Quotes, a percent sign, braces and a dollar sign in names and in checks; VALUE as a name of something else.
create domain "d'; ""%s$do${x}" as text constraint "k'%s""" check (value <> 'VALUE {value} %s''');
create table "t'; %" (id int primary key, "v""{column}%" "d'; ""%s$do${x}", value text);
insert into "t'; %" values (1, 'a', 'b');
