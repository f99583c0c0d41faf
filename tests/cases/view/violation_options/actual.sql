-- Lost options let readers pass by row security, or write rows that the view does not show.
create table guarded (id integer primary key, owner text);
alter table guarded enable row level security;
create view asked as select * from guarded;
create view kept with (security_barrier, security_invoker = off, check_option = cascaded) as select * from guarded;
create view unstated as select * from guarded;
create view narrow as select id from guarded;
grant select on asked, kept, unstated to case_reader;
