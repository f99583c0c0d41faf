-- What the planner is told: stated and another, stated and not there, there and not stated (a note), and equal to what
-- PostgreSQL takes without it.
create function cheap() returns integer language plpgsql cost 5 as $$ begin return 1; end $$;
create function dear() returns integer language plpgsql as $$ begin return 1; end $$;
create function many() returns setof integer language sql rows 50 as 'select 1';
create function table_of() returns table (a integer) language sql as 'select 1';
create function unstated() returns integer language sql cost 7 as 'select 1';
create function usual() returns setof integer language sql as 'select 1';
create function two_at_once() returns setof integer language sql rows 4 as 'select 1';
create function supported() returns integer language internal as 'textlen';
create function precise() returns integer language plpgsql cost 7654320 as $$ begin return 1; end $$;
create function precise_too() returns setof integer language plpgsql cost 7654321 rows 1234567 as $$ begin return; end $$;
