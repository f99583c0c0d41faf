-- They are not there; the function of one is brought by the plan, that of another is nowhere.
create function watching() returns event_trigger language plpgsql as 'begin end';
