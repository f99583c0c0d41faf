-- Declared absent, and there.
create function watching() returns event_trigger language plpgsql as 'begin end';
create event trigger gone on ddl_command_end execute function watching();
