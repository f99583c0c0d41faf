-- Where a column's type was altered, PostgreSQL prints what stands on it with casts that do nothing to a constant.
create table t (
  v varchar(10) default 'a' constraint v_in check (v in ('a', 'b')),
  w varchar constraint w_coalesce check (coalesce(w, 'x') = 'y' and w <> all (array['p', null])),
  c char(3) default 'c' constraint c_in check (c in ('a', 'b')),
  e text default 'z' constraint e_in check (e in ('a', 'b') and coalesce(e, 'k') <> 'l'),
  g varchar(10) constraint g_case check (
    case when g = 'a' then 'b' when g > 'c' then null else g end = 'q' and greatest(g, 'a') = 'b' and g || 'a' = 'x'),
  l varchar[] default '{a,"b "}' constraint l_any check ('a' = any (l)),
  m varchar(3) default null);
create index t_v_idx on t (coalesce(v, 'none'), (v || 'x')) where v not in ('a', 'b');
alter table t
  alter v type text, alter w type text, alter c type text, alter e type varchar(20), alter g type text,
  alter l type text[], alter m type text;
