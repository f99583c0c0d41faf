-- The second file is recorded, but the table has its old name still: the file that made it has done its work, and the
-- one that renames it has not.
create table public.orders (id bigint primary key, memo text);
