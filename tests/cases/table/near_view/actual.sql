-- Views that show no more than their reader may see, or for which the contract says that they may.
create table guarded (a integer);
alter table guarded enable row level security;
create table plain (a integer);
create view asked with (security_invoker = true, security_barrier = on, check_option = local) as select * from guarded;
create view meant as select * from guarded;
create view others as select * from plain;
create table bound (a integer);
alter table bound enable row level security, force row level security;
alter table bound owner to case_owner;
grant usage on schema public to case_owner;
create view of_bound as select * from bound;
alter view of_bound owner to case_owner;
grant select on asked, meant, others, of_bound to case_reader;
