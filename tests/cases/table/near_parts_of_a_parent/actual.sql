-- What a partition or a child table has as a part of its parent's is not unexpected on it; what it has beside that is.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table ref (id integer primary key);
create table whole (
  id integer primary key, r integer references ref, k integer constraint positive check (k > 0), unique (id, k)
) partition by list (id);
create index on whole (r);
create table part partition of whole for values in (1);
create table lower partition of whole for values in (2) partition by list (id);
create table lowest partition of lower for values in (2);
create trigger touched before insert on whole for each row execute function touch();
create table parent (id integer constraint positive check (id > 0));
create table child (x integer) inherits (parent);
create table own partition of whole for values in (3);
alter table own add constraint own_check check (k > 1);
alter table own add constraint own_key unique (id, r);
alter table own add constraint own_fkey foreign key (k) references ref;
create index own_idx on own (k);
create trigger own_trigger before update on own for each row execute function touch();
