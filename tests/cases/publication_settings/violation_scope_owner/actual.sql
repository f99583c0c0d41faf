-- To be for all tables, while its owner, who must be a superuser for that, is none.
create table orders (id integer primary key);
create publication given for table orders;
alter publication given owner to case_owner;
