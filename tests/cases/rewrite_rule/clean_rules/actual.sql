-- Each event, NOTHING, one action and several, with a condition and without, each state, on a table and on a view.
create table log (id integer, what text default 'a; b');
create table t (id integer, state text);
create view v as select id from t;
create rule kept as on delete to t do instead nothing;
create rule logged as on insert to t do also insert into log values (new.id, 'new');
create rule twice as on update to t where old.state <> new.state
  do (insert into log values (old.id, 'was; (' || old.state); insert into log select new.id, new.state from t where t.id = 1);
create rule off as on delete to t where old.id > 1 do instead update t set state = 'gone' where t.id = old.id;
alter table t disable rule off;
create rule replicas as on insert to t do nothing;
alter table t enable replica rule replicas;
create rule everywhere as on insert to t do notify heard;
alter table t enable always rule everywhere;
create rule through as on insert to v do instead insert into t (id) values (new.id) returning t.id;
