-- Each event, with commands and without, each state.
create function watching() returns event_trigger language plpgsql as 'begin end';
create event trigger started on ddl_command_start execute function watching();
create event trigger ended on ddl_command_end when tag in ('CREATE TABLE', 'ALTER TABLE') execute function watching();
create event trigger dropped on sql_drop execute function watching();
alter event trigger dropped disable;
create event trigger rewritten on table_rewrite execute function watching();
alter event trigger rewritten enable always;
create event trigger replicas on ddl_command_end execute function watching();
alter event trigger replicas enable replica;
