-- Two keys would do. One is taken for the expected one, the other is unexpected.
create table t (email text);
alter table t add constraint email_a unique (email);
alter table t add constraint email_b unique (email);
