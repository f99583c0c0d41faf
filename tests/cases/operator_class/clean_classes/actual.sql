-- Operator classes of the database's own: of two index methods under one name, and with an odd name elsewhere.
create schema other;
create operator class own_ops for type integer using hash as operator 1 =, function 1 hashint4(integer);
create operator class own_ops for type integer using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer);
create operator class other."Odd; ops" for type integer using hash as operator 1 =, function 1 hashint4(integer);
