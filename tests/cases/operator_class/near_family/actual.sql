-- A family of operators of the name is no operator class, and may stay.
create operator family gone using btree;
create operator class own_ops for type integer using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer);
