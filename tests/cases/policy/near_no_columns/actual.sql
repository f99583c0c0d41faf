-- A table without columns has policies too.
create table t ();
alter table t enable row level security;
create policy same on t using ('yes' = any (array[current_setting('app.on',true)]));
create policy other on t using (current_setting('app.on', true) = 'no');
