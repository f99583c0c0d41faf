create function hypopg_create_index(sql_order text, out indexrelid oid, out indexname text) returns setof record
  language sql volatile strict as 'select null::oid, null::text where false';
create function hypopg_drop_index(indexid oid) returns boolean language sql volatile strict as 'select false';
create function hypopg_reset() returns void language sql volatile as 'select';
