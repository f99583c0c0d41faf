-- No foreign key is inherited: what a child table stores can be read from its parent, and no key of the parent holds it.
create table b (id integer primary key);
create table a (b integer constraint a_b_fkey references b);
create table with_its_own (constraint own foreign key (b) references b) inherits (a);
create table without () inherits (a);
create table below () inherits (with_its_own);
