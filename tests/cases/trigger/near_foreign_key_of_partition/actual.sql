-- The triggers by which a foreign key is kept on a partition belong to nobody.
create table days (day date primary key);
create table parted (day date references days) partition by list (day);
create table parted_1 partition of parted default;
