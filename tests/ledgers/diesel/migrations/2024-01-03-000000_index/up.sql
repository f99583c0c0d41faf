create index concurrently a_id on a (id);
