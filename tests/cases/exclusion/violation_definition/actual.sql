-- Another operator, one element more, another predicate, and both with other times of looking: other rows are refused.
create table t (id integer, during int4range, other int4range, state text,
  constraint operator exclude using gist (during with =),
  constraint more exclude using gist (during with &&, other with &&),
  constraint partly exclude using gist (during with &&) where (state = 'open'),
  constraint late exclude using gist (other with &&) where (id > 1) deferrable initially deferred);
comment on constraint partly on t is 'stays';
