-- A partition may have a default and a nullability of its own.
create table days (day date not null, note text) partition by range (day);
create table days_2026 partition of days (note default 'x') for values from ('2026-01-01') to ('2027-01-01');
