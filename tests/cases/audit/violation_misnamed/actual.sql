-- Everything is there and right, under the names that another tool gave.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table t (id integer, parent integer, n integer,
  constraint pk_t primary key (id),
  constraint fk_t_parent foreign key (parent) references t (id) on delete cascade,
  constraint ck_t_n check (n > 0));
create index ix_t_n on t (n);
create policy "Own rows" on t for select using (n > 0);
create trigger trg_touch before update on t for each row execute function touch();
alter table t enable row level security;
