-- A sequence wider than its column comes to its end with another error than one that is as wide; both bounds change.
create sequence narrow as smallint;
create sequence wide;
select setval('wide', 32767);
