"""What a text alone tells: “the same”, or “cannot tell”; each pair with the trap it guards.

The second text of a pair is always one that PostgreSQL prints.
"""

from __future__ import annotations

import pytest

from sessionaudit.sql.equality import same_meaning, same_words

SHADOWED = frozenset({"length", "now", "lower"})  # names that pg_catalog has

SAME = [
    # case, blanks, comments, parentheses
    ("STATUS = 'a' AND x", "((status = 'a'::mood) AND x)"),
    ("\"status\"='a'", "(status = 'a'::public.mood)"),
    ("a /* b */ = -- c\n b", "(a = b)"),
    ("((a))", "a"),
    ("a != b", "(a <> b)"),
    ("(a and b) and c", "(a AND (b AND c))"),
    # precedence is PostgreSQL's own
    ("not a = b and c or d", "(((NOT (a = b)) AND c) OR d)"),
    ("a || b + c", "(a || (b + c))"),
    ("a + b * c ^ d", "(a + (b * (c ^ d)))"),
    ("a - b - c", "((a - b) - c)"),
    ("-a::text", "(- (a)::text)"),
    ("a = b is null", "((a = b) IS NULL)"),
    ("a at time zone 'utc' + b", "((a AT TIME ZONE 'utc') + b)"),
    ("a -> 'x' ->> 'y' = 'z'", "(((a -> 'x'::text) ->> 'y'::text) = 'z'::text)"),
    ("x ~ 'a' || t::text", "((x ~ 'a'::text) || (t)::text)"),
    # words that PostgreSQL does away with
    ("x in ('a', 'b')", "(x = ANY (ARRAY['a'::mood, 'b'::mood]))"),
    ("x in (1, 2)", "(x = ANY (ARRAY[1, 2]))"),
    ("x in ('a')", "(x = 'a'::text)"),
    ("x not in ('a', 'b')", "(x <> ALL (ARRAY['a'::text, 'b'::text]))"),
    ("x = any (array['a', 'b'])", "(x = ANY (ARRAY['a'::text, 'b'::text]))"),
    ("x = any (array['a', 'b']::mood[])", "(x = ANY (ARRAY['a'::mood, 'b'::mood]))"),
    ("x between 1 and 2 and y", "((x >= 1) AND (x <= 2) AND y)"),
    ("x not between 1 and 2", "((x < 1) OR (x > 2))"),
    ("x like 'a%'", "(x ~~ 'a%'::text)"),
    ("x not ilike 'a%'", "(x !~~* 'a%'::text)"),
    ("x is not distinct from y", "(NOT (x IS DISTINCT FROM y))"),
    ("x isnull", "(x IS NULL)"),
    ("cast(x as int8)", "(x)::bigint"),
    ("x::varchar(5)", "(x)::character varying(5)"),
    ("date '2020-01-01'", "'2020-01-01'::date"),
    ("now() - interval '1 day'", "(CURRENT_TIMESTAMP - '1 day'::interval)"),
    ("case when a then 'x' end", "CASE WHEN a THEN 'x'::text ELSE NULL::text END"),
    ("coalesce(n, 0)", "COALESCE(n, (0)::numeric)"),
    ("x = 5::int4", "(x = 5)"),
    ("x = 1.5::numeric", "(x = 1.5)"),
    ("x::text::text", "(x)::text"),
    ('x collate pg_catalog."C"', '(x COLLATE "C")'),
    ("nullif(x, 'a')", "NULLIF(x, 'a'::text)"),
    ("x = -5", "(x = '-5'::integer)"),
    ("x > 3000000000", "(x > '3000000000'::bigint)"),
    ("x > -1.5", "(x > '-1.5'::numeric)"),
    ("E'it\\'s' = x", "('it''s'::text = x)"),
    ("$$a$$ = x", "('a'::text = x)"),
    ("lower(x) = 'a'", "(lower(x) = 'a'::text)"),
    ("left(x, 2)", '"left"(x, 2)'),
    ("pg_catalog.upper(x)", "upper(x)"),
    ("is_member(x)", "public.is_member(x)"),
    ("id = (select auth.uid())", "(id = ( SELECT auth.uid() AS uid))"),
    ("id in (select m.id from members m where u = 1)", "(id IN ( SELECT m.id\nFROM public.members m\nWHERE u = 1))"),
    ("id = any (select m.id from members m)", "(id IN ( SELECT m.id FROM public.members m))"),
    ("exists (select 1 from public.m m)", "(EXISTS ( SELECT 1 FROM m m))"),
    ("j @> '{\"a\": [1]}'", "(j @> '{\"a\":[1]}'::jsonb)"),
    ("j #>> '{a,b}'", "(j #>> '{a,b}'::text[])"),
]

CANNOT_TELL = [
    # another meaning
    ("a = b", "(a <> b)"),
    ("a and b or c", "(a AND (b OR c))"),
    ("not a and b", "(NOT (a AND b))"),
    ("a - (b - c)", "((a - b) - c)"),
    ("a || b + c", "((a || b) + c)"),
    ("-a ^ 2", "(- (a ^ 2))"),
    ("not a is null", "((NOT a) IS NULL)"),
    ("x in ('a', 'b')", "(x = ANY (ARRAY['a'::mood, 'c'::mood]))"),
    ("x in ('a', 'b')", "(x <> ALL (ARRAY['a'::mood, 'b'::mood]))"),
    ("x = all (array['a', 'b'])", "(x = ANY (ARRAY['a'::text, 'b'::text]))"),
    ("x between symmetric 1 and 2", "((x >= 1) AND (x <= 2))"),
    ("x like 'a' escape '!'", "(x ~~ 'a'::text)"),
    ("x = 1.0", "(x = 1.00)"),
    ("x = '1'", "(x = 1.5)"),
    ("'{\"a\": 1}'::jsonb", '\'{"a": "1"}\'::jsonb'),  # JSON's numbers are not its strings
    ('\'{"a": 1, "a": 2}\'::jsonb', "'{\"a\": 1}'::jsonb"),
    ("'{ }'::json", "'{}'::json"),  # json keeps its blanks
    # a cast that is no mere spelling
    ("x / 2", "(x / (2)::numeric)"),
    ("x > '2020-01-01'", "(x > '2020-01-01'::date)"),  # x may be a timestamp
    ("x = '1.1'", "(x = '1.1'::double precision)"),  # x may be a real
    ("x < 'b'", "(x < 'b'::text)"),  # x may be a name, which sorts otherwise
    ("x = 'a'", "((x)::text = 'a'::text)"),  # x may be a citext
    ("x = 'a'", "(x = ('a'::text)::mood)"),
    ("x in (1, 2)", "(x = ANY (ARRAY[(1)::real, (2)::real]))"),
    ("x || 'a'", "(x || 'a'::text)"),  # x may be a document, or an array
    ("(x || t::text) || 'a'", "((x || (t)::text) || 'a'::text)"),
    ("x = any (array['a', 'b'])", "(x = ANY (ARRAY['a'::mood, 'b'::mood]))"),
    ("case when f then n else null::text end", "CASE WHEN f THEN n ELSE NULL::name END"),
    ("format('%s', 'x')", "format('%s'::text, 'x'::text)"),  # takes anything, so a bare literal is unknown
    ("pg_typeof('x')", "pg_typeof('x'::text)"),
    ("x::public.date", "(x)::date"),
    ("x::numeric(5)", "(x)::numeric(5,2)"),
    ("x::varchar", "(x)::text"),
    ("nullif('a', x)", "NULLIF('a'::text, x)"),  # x may be a name, and so would the whole be
    ("x::varchar(3)::varchar(5)", "(x)::character varying(5)"),
    ("x = 5::bigint", "(x = (5)::numeric)"),
    ("x::text::mood", "(x)::mood"),
    ("x = 5::smallint", "(x = 5)"),
    # functions: another one, another overload, one that hides behind pg_catalog's
    ("length(x)", "octet_length(x)"),
    ("length(x)", "char_length(x)"),
    ("public.length(x)", "length(x)"),
    ("lower(x)", "public.lower(x)"),
    ("label('a')", "public.label('a'::text)"),  # may have an overload that a bare literal prefers
    ("app.label(x)", "public.label(x)"),
    ('"app.label"(x)', "app.label(x)"),
    ('public."app.label"(x)', "app.label(x)"),
    ('"Lower"(x)', "lower(x)"),
    ('"coalesce"(a, b)', "COALESCE(a, b)"),
    ('"user" = x', "(USER = x)"),
    ("substring(x, 1, 2)", "SUBSTRING(x FROM 1 FOR 2)"),
    ("substring(x from 1 for 2)", "SUBSTRING(x FROM 2 FOR 1)"),
    ("trim(leading 'a' from x)", "TRIM(TRAILING 'a' FROM x)"),
    ("trim(x)", "ltrim(x)"),
    ("position('a' in x)", "POSITION((x) IN ('a'::text))"),
    ("extract(year from x)", "EXTRACT(month FROM x)"),
    ("date_trunc('day', x)", "date_trunc('hour'::text, x)"),
    ("current_timestamp(3)", "CURRENT_TIMESTAMP"),
    ("current_date", "CURRENT_TIMESTAMP"),
    ("localtimestamp", "CURRENT_TIMESTAMP"),
    # what a parser easily loses
    ("x", '(x COLLATE "C")'),
    ('x collate "C"', '(x COLLATE "de")'),
    ("x at time zone 'utc'", "(x AT TIME ZONE 'cet')"),
    ("x", "(x AT TIME ZONE 'utc')"),
    ("array(select m.x from m order by m.x)", "ARRAY( SELECT m.x FROM m)"),
    ("(select array_agg(x order by y) from m)", "( SELECT array_agg(x) AS array_agg FROM m)"),
    ("(select count(x) filter (where y) from m)", "( SELECT count(x) AS count FROM m)"),
    ("(select count(distinct x) from m)", "( SELECT count(x) AS count FROM m)"),
    ("exists (select 1 from only m)", "(EXISTS ( SELECT 1 FROM m))"),
    ("exists (select 1 from a left join b on x)", "(EXISTS ( SELECT 1 FROM a JOIN b ON x))"),
    ("exists (select 1 from a where x limit 1)", "(EXISTS ( SELECT 1 FROM a WHERE x))"),
    ("(select f(a) as x from m order by x)", "( SELECT f(a) AS y FROM m ORDER BY x)"),
    ("x in (select 1 union select 2)", "(x IN ( SELECT 1 UNION ALL SELECT 2))"),
    ("a operator(public.=) b", "(a = b)"),
    ("a operator(public.+) b", "(a OPERATOR(app.+) b)"),
    ("a[1]", "a[2]"),
    ("a[1:2]", "a[1]"),
    ("a[1:2]", "a[2:1]"),
    ("(a, b) = (1, 2)", "(ROW(a, b) = ROW(2, 1))"),
    ("interval '1' day", "'1'::interval"),
    ("interval '1 day'", "'1 day'::interval day"),
    ("a ^ b", "(a # b)"),
    ("a # b", "(a <> b)"),
    ("a & b", "(a && b)"),
    ("a | b", "(a || b)"),
    ("a ~ 'x'", "(a ~* 'x'::text)"),
    ("a !~ 'x'", "(a ~ 'x'::text)"),
    ("a ~ 'x'", "(a ~~ 'x'::text)"),
    ("a similar to 'x'", "(a ~~ 'x'::text)"),
    ("a ? 'x'", "(a ?| '{x}'::text[])"),
    ("a <-> b", "(a - b)"),
    ("a @> b", "(a <@ b)"),
    ("a -> 'x'", "(a ->> 'x'::text)"),
    ("a -> 1", "(a -> '1'::text)"),
    ("a = true", "(a IS TRUE)"),
    ("not (a is null)", "(a IS NOT NULL)"),  # rows tell them apart
    ("(a, b) overlaps (c, d)", "(a = c)"),
    ("b'101' = x", "('101'::text = x)"),
    ("'a\\b' = x", "(E'a\\b' = x)"),
    ("x is true", "(x IS NOT FALSE)"),
    ("mood", '"Mood"'),
    ("a = b = c", "((a = b) = c)"),
    ("f(a => 1)", "f(1)"),
    ("f(variadic a)", "f(a)"),
]

INDEXES = [
    ("btree (lower(email))", "btree (lower(email))", True),
    ("btree (a) where status in ('a','b')", "btree (a) WHERE (status = ANY (ARRAY['a'::mood, 'b'::mood]))", True),
    ("btree ((j ->> 'k'))", "btree (((j ->> 'k'::text)))", True),
    ("btree (a)", "btree (a DESC)", False),
    ("btree (a nulls first)", "btree (a NULLS LAST)", False),
    ("btree (a, b)", "btree (b, a)", False),
    ("btree (a)", "btree (a) INCLUDE (b)", False),
    ("btree (a, b)", "btree (a) INCLUDE (b)", False),
    ("btree (a)", "btree (a text_pattern_ops)", False),
    ("gin (a)", "gist (a)", False),
    ("btree (a)", "btree (a) WITH (fillfactor='70')", False),
    ("btree (a) with (fillfactor = 70)", "btree (a) WITH (fillfactor='80')", False),
    ("btree (a)", "btree (a) NULLS NOT DISTINCT", False),
    ("btree (a)", 'btree (a COLLATE "C")', False),
    ("btree (a) where b", "btree (a) WHERE (NOT b)", False),
    ("btree ((a, b))", "btree (a, b)", False),
]

DEFAULTS = [
    ("'a'", "'a'::text", "text", True),
    ("'a'", "'a'::public.mood", "mood", True),
    ("'{}'", "'{}'::text[]", "text[]", True),
    ("'{ }'", "'{}'::jsonb", "jsonb", True),
    ("'a'", "'a'::character varying", "character varying(5)", True),
    ("'a'", "'a'::character varying(5)", "character varying(5)", False),  # cuts, where a default is refused
    ("0", "(0)::numeric", "numeric", False),
    ("'a'", "'b'::text", "text", False),
    ("'a'", "'a'::mood", "text", False),
    ("'2020-01-01'", "'2020-01-01'::date", "timestamp with time zone", False),
]


def same(expected: str, actual: str, type_: str | None = None, wrap: str = "select {}") -> bool:
    return same_meaning(
        expected,
        actual,
        wrap=wrap.format,
        schema="public",
        shadowed=lambda names: bool(names & SHADOWED),
        type_=type_,
    )


@pytest.mark.parametrize(("expected", "actual"), SAME)
def test_the_same(expected: str, actual: str) -> None:
    assert same(expected, actual)
    assert same(actual, actual)


@pytest.mark.parametrize(("expected", "actual"), CANNOT_TELL)
def test_cannot_tell(expected: str, actual: str) -> None:
    assert not same(expected, actual)


@pytest.mark.parametrize(("expected", "actual", "alike"), INDEXES)
def test_indexes(expected: str, actual: str, alike: bool) -> None:
    assert same(expected, actual, wrap="create index i on t using {}") is alike


@pytest.mark.parametrize(("expected", "actual", "type_", "alike"), DEFAULTS)
def test_defaults(expected: str, actual: str, type_: str, alike: bool) -> None:
    assert same(expected, actual, type_) is alike


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("(a)", "a", True),
        ("(a) = (b)", "a) = (b", False),
        ("((a = b))", "a = b", True),
        ("(a) or (b)", "a or b", False),
        ("'a", "'a", True),
        ("'a", "a", False),
    ],
)
def test_same_words(left: str, right: str, alike: bool) -> None:
    assert same_words(left, right) is alike


def test_what_is_no_expression_is_not_told() -> None:
    for text in ("", "(", "a b c ; d", "case", "a =", "= a", "f(", "'x", "x::", "not", "a in", "(" * 5000):
        assert not same(text, "(a = b)")
        assert not same("a = b", text)
