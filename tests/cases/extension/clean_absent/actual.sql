-- Names stand as they are: a hyphen needs no quotes, and PLPGSQL is not plpgsql.
select 1;
