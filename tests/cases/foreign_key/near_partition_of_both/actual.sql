-- A partition has its own copy of the foreign key, and none for each partition of the target.
create table days (day date primary key) partition by range (day);
create table days_2026 partition of days for values from ('2026-01-01') to ('2027-01-01');
create table days_rest partition of days default;
create table logs (day date constraint logs_day_fkey references days (day)) partition by list (day);
create table logs_rest partition of logs default;
