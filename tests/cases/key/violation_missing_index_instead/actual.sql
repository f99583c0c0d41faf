-- A unique index does most of a constraint's work, but cannot be named in `on conflict on constraint`.
create table t (email text);
create unique index t_email_key on t (email);
