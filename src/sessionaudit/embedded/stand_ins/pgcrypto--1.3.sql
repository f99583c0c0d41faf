-- What the functions return has the right type and nothing else: no byte of it protects anything.

create function digest(text, text) returns bytea
  language sql immutable strict parallel safe as $$
  select case lower($2)
    when 'md5' then pg_catalog.decode(pg_catalog.md5($1), 'hex')
    when 'sha224' then pg_catalog.sha224(pg_catalog.convert_to($1, 'UTF8'))
    when 'sha384' then pg_catalog.sha384(pg_catalog.convert_to($1, 'UTF8'))
    when 'sha512' then pg_catalog.sha512(pg_catalog.convert_to($1, 'UTF8'))
    else pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8'))
  end
$$;
create function digest(bytea, text) returns bytea
  language sql immutable strict parallel safe as $$
  select case lower($2)
    when 'md5' then pg_catalog.decode(pg_catalog.md5($1), 'hex')
    when 'sha224' then pg_catalog.sha224($1)
    when 'sha384' then pg_catalog.sha384($1)
    when 'sha512' then pg_catalog.sha512($1)
    else pg_catalog.sha256($1)
  end
$$;
create function hmac(text, text, text) returns bytea
  language sql immutable strict parallel safe
  as $$ select pg_catalog.sha256(pg_catalog.convert_to($1 || $2, 'UTF8')) $$;
create function hmac(bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as $$ select pg_catalog.sha256($1 || $2) $$;
create function crypt(text, text) returns text
  language sql immutable strict parallel safe as $$ select $2 || pg_catalog.md5($1 || $2) $$;
create function gen_salt(text) returns text
  language sql volatile strict parallel safe as $$ select '$2a$06$' || pg_catalog.md5(pg_catalog.random()::text) $$;
create function gen_salt(text, integer) returns text
  language sql volatile strict parallel safe as $$ select '$2a$06$' || pg_catalog.md5(pg_catalog.random()::text) $$;
create function encrypt(bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function decrypt(bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function encrypt_iv(bytea, bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function decrypt_iv(bytea, bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function gen_random_bytes(integer) returns bytea
  language sql volatile strict parallel safe as $$
  select pg_catalog.decode(
    pg_catalog.substr(pg_catalog.string_agg(pg_catalog.md5(pg_catalog.random()::text), ''), 1, 2 * $1), 'hex')
  from pg_catalog.generate_series(0, $1 / 16)
$$;
create function gen_random_uuid() returns uuid
  language sql volatile parallel safe as $$ select pg_catalog.gen_random_uuid() $$;
create function pgp_sym_encrypt(text, text) returns bytea
  language sql volatile strict parallel safe as $$ select pg_catalog.convert_to($1, 'UTF8') $$;
create function pgp_sym_encrypt(text, text, text) returns bytea
  language sql volatile strict parallel safe as $$ select pg_catalog.convert_to($1, 'UTF8') $$;
create function pgp_sym_encrypt_bytea(bytea, text) returns bytea
  language sql volatile strict parallel safe as 'select $1';
create function pgp_sym_encrypt_bytea(bytea, text, text) returns bytea
  language sql volatile strict parallel safe as 'select $1';
create function pgp_sym_decrypt(bytea, text) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.convert_from($1, 'UTF8') $$;
create function pgp_sym_decrypt(bytea, text, text) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.convert_from($1, 'UTF8') $$;
create function pgp_sym_decrypt_bytea(bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function pgp_sym_decrypt_bytea(bytea, text, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function pgp_pub_encrypt(text, bytea) returns bytea
  language sql volatile strict parallel safe as $$ select pg_catalog.convert_to($1, 'UTF8') $$;
create function pgp_pub_encrypt(text, bytea, text) returns bytea
  language sql volatile strict parallel safe as $$ select pg_catalog.convert_to($1, 'UTF8') $$;
create function pgp_pub_encrypt_bytea(bytea, bytea) returns bytea
  language sql volatile strict parallel safe as 'select $1';
create function pgp_pub_encrypt_bytea(bytea, bytea, text) returns bytea
  language sql volatile strict parallel safe as 'select $1';
create function pgp_pub_decrypt(bytea, bytea) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.convert_from($1, 'UTF8') $$;
create function pgp_pub_decrypt(bytea, bytea, text) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.convert_from($1, 'UTF8') $$;
create function pgp_pub_decrypt(bytea, bytea, text, text) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.convert_from($1, 'UTF8') $$;
create function pgp_pub_decrypt_bytea(bytea, bytea) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function pgp_pub_decrypt_bytea(bytea, bytea, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function pgp_pub_decrypt_bytea(bytea, bytea, text, text) returns bytea
  language sql immutable strict parallel safe as 'select $1';
create function pgp_key_id(bytea) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.md5($1) $$;
create function armor(bytea) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.encode($1, 'base64') $$;
create function armor(bytea, text[], text[]) returns text
  language sql immutable strict parallel safe as $$ select pg_catalog.encode($1, 'base64') $$;
create function dearmor(text) returns bytea
  language sql immutable strict parallel safe as $$ select pg_catalog.decode($1, 'base64') $$;
create function pgp_armor_headers(text, out key text, out value text) returns setof record
  language sql immutable strict parallel safe as $$ select ''::text, ''::text where false $$;
