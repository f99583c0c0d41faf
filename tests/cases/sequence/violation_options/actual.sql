-- The current value stays where it is, also where the start differs; only where it is below the new bounds it moves on.
create sequence numbers increment by 1 cycle;
select setval('numbers', 500);
create sequence raised;
create sequence downwards increment by -1 minvalue -50 start with -3;
