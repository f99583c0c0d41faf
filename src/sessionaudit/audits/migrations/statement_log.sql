-- Notes which statement touched and dropped which objects. Run by a superuser, so that the role that runs migrations can
-- neither read the notes nor change them; of the function that notes it can at most lie about the number of a statement.
-- skipped: where a command made nothing, since it met an object with IF NOT EXISTS, and where names were looked for.
create schema sessionaudit_replay;

create table sessionaudit_replay.noted (
  number text,
  tag text not null,
  class oid not null,
  object oid,
  sub integer not null,
  dropped boolean not null,
  found_in text[]
);

create function sessionaudit_replay.note_touched() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into sessionaudit_replay.noted
  select pg_catalog.current_setting('sessionaudit_replay.statement', true), c.command_tag, coalesce(c.classid, 0), c.objid,
         coalesce(c.objsubid, 0), false
    from pg_catalog.pg_event_trigger_ddl_commands() c;
  if not found then
    insert into sessionaudit_replay.noted
    values (pg_catalog.current_setting('sessionaudit_replay.statement', true), tg_tag, 0, null, 0, false);
  end if;
end
$$;

create function sessionaudit_replay.note_dropped() returns event_trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into sessionaudit_replay.noted
  select pg_catalog.current_setting('sessionaudit_replay.statement', true), tg_tag, d.classid, d.objid, d.objsubid, true
    from pg_catalog.pg_event_trigger_dropped_objects() d;
end
$$;

create event trigger sessionaudit_replay_touched on ddl_command_end
  execute function sessionaudit_replay.note_touched();

create event trigger sessionaudit_replay_dropped on sql_drop
  execute function sessionaudit_replay.note_dropped();

-- A file may be run as on a replica, as the dump of data is.
alter event trigger sessionaudit_replay_touched enable always;
alter event trigger sessionaudit_replay_dropped enable always;
