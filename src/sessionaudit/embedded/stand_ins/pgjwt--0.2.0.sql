create function url_encode(data bytea) returns text language sql immutable as $$
  select pg_catalog.translate(pg_catalog.encode(data, 'base64'), E'+/=\n', '-_')
$$;
create function url_decode(data text) returns bytea language sql immutable as $$
  select pg_catalog.decode(
    pg_catalog.rpad(t.padded, (pg_catalog.length(t.padded) + 3) / 4 * 4, '='), 'base64')
  from (select pg_catalog.translate(data, '-_', '+/')) as t (padded)
$$;
create function algorithm_sign(signables text, secret text, algorithm text) returns text
  language sql immutable as $$ select pg_catalog.md5(signables || secret) $$;
create function sign(payload json, secret text, algorithm text default 'HS256') returns text
  language sql immutable as $$ select pg_catalog.md5(payload::text || secret) $$;
create function verify(token text, secret text, algorithm text default 'HS256')
  returns table (header json, payload json, valid boolean)
  language sql immutable as $$ select '{}'::json, '{}'::json, false $$;
create function try_cast_double(inp text) returns double precision
  language sql immutable as 'select null::double precision';
