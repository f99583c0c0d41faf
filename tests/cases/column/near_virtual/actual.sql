-- From PostgreSQL 18 on, a generated column is virtual unless it says otherwise.
create table t (a integer, b integer generated always as (a * 2), c integer generated always as ((a * 3)) virtual);
