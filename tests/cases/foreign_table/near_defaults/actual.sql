-- Defaults, checks, collations and options of columns are not judged, nor what may hold a secret.
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (
  id integer options (column_name 'x') default 5, word text collate "C" check (word <> '')
) server nowhere options (table_name 't', password 'hunter2');
