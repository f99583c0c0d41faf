-- A file with comments alone and one without a character do nothing, recorded or not; one that only looks has a
-- statement.
select 1;
