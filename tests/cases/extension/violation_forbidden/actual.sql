-- Somebody decided against it, and it is there.
select 1;
