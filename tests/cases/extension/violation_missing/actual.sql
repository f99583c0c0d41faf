-- Only the one that is not there is reported.
select 1;
