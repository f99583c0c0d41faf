-- Of several unique indexes over its columns, PostgreSQL lets a new foreign key use the oldest one; that one is to be
-- unique no longer, and is replaced before.
create table t (k text not null, other text not null);
create unique index t_k_idx on t (k);
alter table t add constraint second unique (other);
insert into t values ('a', 'a');
