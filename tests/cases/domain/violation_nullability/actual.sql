-- Whether a column of a domain over the domain holds a null counts, too; one of a table without rows blocks nobody.
create domain strict as text;
create domain above as strict check (value <> 'x');
create domain loose as text not null;
create table t (id int primary key, s strict, a above);
insert into t values (1, 'a', 'b'), (2, 'c', 'd');
create table u (l loose);
