-- A value less; a closed bound; another connective; swapped operands; null-safe or not; the case of a literal.
create table t (role text, n integer, m integer,
  constraint list_ check (role in ('customer', 'mechanic')),
  constraint bound check (n >= 0),
  constraint connective check (n > 0 or role is not null),
  constraint operands check (m - n > 0),
  constraint nulls check (role is distinct from ''),
  constraint literal check (role <> 'a'),
  constraint or_ check (n > 0 or m > 1));
