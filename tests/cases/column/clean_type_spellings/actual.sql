-- One type has many spellings; PostgreSQL keeps one.
create table t (a integer, b bigint, c smallint, d character varying(20), e timestamp with time zone,
  f timestamp(3) without time zone, g timestamptz(3), h numeric(10,2), i numeric(8,0), j real, k double precision,
  l double precision, m boolean, n character(1), o bpchar, p "char", q varbit(8), r bit varying, s interval day to second(3),
  t interval, u timetz, v text[], w integer[], x decimal(10,2)[], y varchar, z int, aa bit(3), ab int[], ac name,
  ad int4range, ae xml, af varchar(5));
