-- Another event, another action, another condition, ALSO for INSTEAD, an action more: statements do something else.
create table log (id integer, what text);
create table t (id integer, state text);
create rule event as on delete to t do also insert into log values (old.id, 'gone');
create rule action as on insert to t do also insert into log values (new.id, 'new');
create rule condition as on insert to t where new.id > 1 do instead nothing;
create rule instead as on update to t do instead insert into log values (old.id, 'changed');
create rule more as on delete to t do (insert into log values (1, 'a'); insert into log values (2, 'b'));
alter table t enable always rule more;
comment on rule condition on t is 'stays';
