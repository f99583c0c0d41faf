-- Casts that look alike and change a constant: a length cuts it, and a bpchar loses its blanks as soon as it is a text.
create table t (
  a varchar(10) constraint a_cut check (a <> 'abc'::varchar(2)),
  b char(3) default 'b ' constraint b_blank check (b in ('a ', 'b')),
  d char(3) constraint d_padded check (d <> 'q'),
  o text constraint o_name check (o <> 'a'::name::text and o <> 'b '::bpchar::text),
  s varchar(3) default 'long'::varchar(2));
alter table t alter a type text, alter b type text, alter d type varchar(10), alter s type text;
