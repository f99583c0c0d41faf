-- Another test beside the expected one.
create table t (n integer constraint t_n_check check (n > 0) constraint small check (n < 10));
