-- They are there and do not fire, or fire where they should not.
create function watching() returns event_trigger language plpgsql as 'begin end';
create event trigger off on ddl_command_end execute function watching();
alter event trigger off disable;
create event trigger quiet on ddl_command_end execute function watching();
create event trigger copies on ddl_command_end execute function watching();
alter event trigger copies enable replica;
