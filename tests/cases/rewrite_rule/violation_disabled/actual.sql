-- They are there and not applied, or applied where they should not be.
create table t (id integer);
create rule kept as on delete to t do instead nothing;
alter table t disable rule kept;
create rule quiet as on update to t do instead nothing;
create rule copies as on insert to t do also notify heard;
alter table t enable replica rule copies;
create rule every as on insert to t do also notify heard;
