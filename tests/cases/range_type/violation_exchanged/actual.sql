-- Types that are exchanged: no value becomes another. What uses them is carried over: columns, also of arrays and of the
-- multirange, indexes, an exclusion constraint, defaults, views, functions, a generated column, rights and comments.
create type span as range (subtype = integer);
create type "Weird; Range" as range (subtype = text, collation = "C");
comment on type span is 'since 2024';
revoke usage on type span from public;
grant usage on type span to case_reader;
create table booked (
  id integer primary key,
  during span not null default '[1,2)',
  others span[],
  lower_end integer generated always as (lower(during)) stored,
  exclude using gist (during with &&)
);
create index booked_others on booked using gin (others);
create index booked_low on booked (lower(during)) where not isempty(during);
insert into booked values (1, '[1,5)', array['[1,2]', 'empty']::span[]), (2, '[5,)', null), (3, 'empty', null);
create table named ("a;b" "Weird; Range" check (not isempty("a;b")));
insert into named values ('[a,"b c")'), ('("",d]'), (null);
create view seen as select during, during * span(3, 4) as cut from booked;
comment on view seen is 'kept';
create function widened(span) returns span language sql immutable as 'select $1 + span(0, 9)';
