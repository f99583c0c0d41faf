-- A comment that comes last in a condition ends before the parenthesis that is written after it.
create table a (
  span int4range,
  constraint stays exclude using gist (span with &&) where (lower(span) between 1 and 9),
  constraint changes exclude using gist (span with &&) where (lower(span) > 2));
