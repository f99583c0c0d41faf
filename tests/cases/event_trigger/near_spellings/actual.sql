-- The same in other words: commands in another order and in small letters, PROCEDURE, a schema, names in quotes.
create schema "Apart";
create function "Apart"."Watch TO"() returns event_trigger language plpgsql as 'begin end';
create function watch() returns event_trigger language plpgsql as 'begin end';
create event trigger "on sql_drop" on ddl_command_end when tag in ('DROP TABLE', 'create view') execute function watch();
create event trigger e on sql_drop execute function "Apart"."Watch TO"();
