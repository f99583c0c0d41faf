-- The file was tried by hand and saved with its ROLLBACK: nothing of it can be there. One that goes back to a savepoint,
-- and one that only stands between BEGIN and COMMIT, take nothing back.
create table public.orders (id bigint);
