-- Another event, other commands, commands for all, another function; comments and states stay.
create function watching() returns event_trigger language plpgsql as 'begin end';
create function other() returns event_trigger language plpgsql as 'begin end';
create event trigger event on ddl_command_start execute function watching();
create event trigger tags on ddl_command_end when tag in ('CREATE TABLE') execute function watching();
create event trigger every on ddl_command_end execute function watching();
create event trigger function on sql_drop execute function other();
alter event trigger function enable always;
comment on event trigger function is 'stays';
