-- An argument under another name: the function must be dropped, and a view, a policy and a default that call it come
-- back as they were. Where an index calls it, a person must decide.
create table own (id integer default 1, n integer);
create function limits(n integer) returns integer language plpgsql immutable as $$ begin return $1; end $$;
create function indexed(n integer) returns integer language plpgsql immutable as $$ begin return $1; end $$;
alter table own alter id set default limits(3);
create index own_indexed on own (indexed(n));
alter table own enable row level security;
create policy few on own for select to case_reader using (n < limits(4));
create view seen with (security_barrier) as select limits(o.n) as it from own o;
grant select on seen to case_reader;
comment on view seen is 'kept';
comment on function limits is 'kept too';
revoke execute on function limits from public;
grant execute on function limits to case_reader;
