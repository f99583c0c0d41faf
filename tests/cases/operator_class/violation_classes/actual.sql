-- An operator class that is missing, as only its family is there, and one of two methods that must not be there.
create operator family lost using btree;
create operator class gone for type integer using hash as operator 1 =, function 1 hashint4(integer);
create operator class gone for type integer using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer);
