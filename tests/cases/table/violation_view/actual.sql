-- A view reads as its owner unless it says otherwise, and its other options can be lost as easily.
create table guarded (a integer, owner text);
alter table guarded enable row level security;
create view open as select * from guarded;
create view nested as select * from open;
create view asked with (security_invoker) as select * from guarded;
create view through with (security_invoker = on) as select * from open;
create view kept with (security_barrier = yes, security_invoker = off, check_option = cascaded) as select * from guarded;
create view alone as select * from guarded;
grant select on open, nested, asked, through, kept to case_reader;
