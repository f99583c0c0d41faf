-- "none" is PostgreSQL's default; a column that is listed is sent, whatever is set, and nothing is said of that.
create table t (a integer primary key, b integer generated always as (a + 1) stored);
create publication listing for table t (a, b);
create publication plain for table t with (publish_generated_columns = none);
