-- The child gets what both lack from its parent: what it is given by itself stays when the parent loses it.
create table base (id integer);
create table child () inherits (base);
