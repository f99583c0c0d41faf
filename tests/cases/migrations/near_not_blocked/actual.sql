-- Failures that look as if they followed from earlier ones: a column of another table, and statements that only read.
create table public.subs (id bigint primary key);
