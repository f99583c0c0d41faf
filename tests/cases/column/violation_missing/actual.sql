-- One never made, one dropped: a dropped column still has a row in pg_attribute.
create table session_requests (id uuid, gone text);
alter table session_requests drop column gone;
