-- A server that is missing, one of another wrapper, one with other options, and one that must not be there.
create foreign data wrapper nowhere;
create foreign data wrapper elsewhere;
create server other foreign data wrapper elsewhere;
create server tuned foreign data wrapper nowhere options (host 'old', port '1', password 'hunter2', extra 'it''s');
create server gone foreign data wrapper nowhere;
