-- What a function may do beside its body, each one thing alone: leakproof and parallel, stated and not there, and there
-- and not stated.
create function quiet() returns integer language sql as 'select 1';
create function aside() returns integer language sql as 'select 1';
create function loud() returns integer language sql leakproof as 'select 1';
create function alone() returns integer language sql parallel restricted as 'select 1';
create procedure kept() language plpgsql as $$ begin null; end $$;
