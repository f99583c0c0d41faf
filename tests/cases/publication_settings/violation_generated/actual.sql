-- Generated columns that are sent and must not be, that are not, and of a publication that is missing.
create table t (a integer primary key, b integer generated always as (a + 1) stored);
create publication sending for table t with (publish_generated_columns = stored);
create publication keeping for table t;
create publication as_said for table t with (publish_generated_columns = stored, publish = 'insert');
