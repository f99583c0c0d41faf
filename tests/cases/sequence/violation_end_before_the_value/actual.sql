-- The sequence is beyond the end that it should have: nothing but going back would make it fit.
create sequence numbers;
select setval('numbers', 500);
