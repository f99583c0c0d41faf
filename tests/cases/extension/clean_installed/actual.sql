-- plpgsql is in every database; its version is nobody's business.
select 1;
