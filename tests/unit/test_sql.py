"""The scanner and the quoting, held against PostgreSQL's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from servers import connect
from sessionaudit.core.counting import counted
from sessionaudit.sql.text import (
    UnclosedError,
    canonical,
    enclosed,
    folded,
    identifier,
    literal,
    quoted,
    tokens,
    unliteral,
    unqualified,
    unquote,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from servers import DatabaseServer

ODD = [
    "",
    "a b",
    'a"b',
    "a'b",
    "a\\b",
    "Upper",
    "ünï",
    "1a",
    "a1",
    "_",
    "$",
    "a$",
    "日本",
    "a.b",
    "--",
    "\\'",
    "a\nb",
    "É",
]
LITERALS = [
    "'it''s'", "'a\\b'", r"E'a\'b'", r"E'tab\there'", r"E'\x41\101\u0041\U00000041'", r"E'\303\244'", r"E'\\'",
    r"E'\ud83d\ude00'", r"U&'d\0061t\+000061'", "$$it's$$", "$tag$a $$ b$tag$", "''", r"E'\b\f\q'", "E'a''b'", "n'x'",
    "E'line\nbreak'", r"U&'\\'",
]  # fmt: skip


@pytest.fixture(scope="module")
def connection(server: DatabaseServer) -> Generator[psycopg.Connection[Any]]:
    with connect(server.url) as connection:
        yield connection


def one(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    row = connection.execute(query.encode(), parameters or None).fetchone()
    assert row is not None
    return row[0]


def test_identifiers_are_quoted_as_postgresql_quotes_them(connection: psycopg.Connection[Any]) -> None:
    keywords = [row[0] for row in connection.execute("select word from pg_get_keywords()")]
    for name in filter(None, [*ODD, *keywords]):
        theirs = one(connection, "select quote_ident(%s)", name)
        ours = quoted(name)
        # A word that only other versions reserve is quoted by us all the same; the name stays the same.
        assert ours == theirs or (ours == f'"{name}"' and name.isidentifier()), name
        assert unquote(ours) == name
        assert one(connection, f"select 1 as {identifier(name)}") == 1


@pytest.mark.parametrize("value", ODD)
def test_literals_say_what_they_should(connection: psycopg.Connection[Any], value: str) -> None:
    assert one(connection, f"select {literal(value)}") == value
    assert unliteral(literal(value).strip()) == value


@pytest.mark.parametrize("spelled", LITERALS)
def test_literals_are_read_as_postgresql_reads_them(connection: psycopg.Connection[Any], spelled: str) -> None:
    assert [token.text for token in tokens(spelled)] == [spelled]
    assert unliteral(spelled) == one(connection, f"select {spelled}::text")


@pytest.mark.parametrize("name", ["Plain", "ÜNÏ", '"Q""x"', r'U&"d\0061t"', '"É"', "a$B"])
def test_identifiers_are_read_as_postgresql_reads_them(connection: psycopg.Connection[Any], name: str) -> None:
    column = connection.execute(f"select 1 as {name}".encode()).description
    assert column is not None
    assert unquote(name) == column[0].name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a=-1", ["a", "=", "-", "1"]),
        ("a*-b", ["a", "*", "-", "b"]),
        ("a<>-b", ["a", "<>", "-", "b"]),
        ("a@-b", ["a", "@-", "b"]),
        ("a->>'x'", ["a", "->>", "'x'"]),
        ("f(a=>1)", ["f", "(", "a", "=>", "1", ")"]),
        ("a/*x/*y*/z*/b", ["a", "b"]),
        ("a--c\rb", ["a", "b"]),
        ("a-/**/-b", ["a", "-", "-", "b"]),
        ("1.5e-3+.5", ["1.5e-3", "+", ".5"]),
        ("a[1:2]", ["a", "[", "1", ":", "2", "]"]),
        ("0x1F", ["0x1F"]),
        ("x::int", ["x", "::", "int"]),
        ("e'a\\'b' c", ["e'a\\'b'", "c"]),
        ("$a$ $b$ $a$", ["$a$ $b$ $a$"]),
        ("a$b$c", ["a$b$c"]),
        ("\xa0", ["\xa0"]),  # beyond ASCII all is a letter, the hard blank too
        ("U&\"x\" u&'y'", ['U&"x"', "u&'y'"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [token.text for token in tokens(text)] == words
    assert all(text[token.start : token.end] == token.text for token in tokens(text))


@pytest.mark.parametrize(
    ("text", "start"), [("a 'b", 2), ("a 'b''c", 2), ('x "y', 2), ("/* /* */", 0), ("a $x$ b $y$", 2), ("e'\\'", 0)]
)
def test_what_is_never_closed(text: str, start: int) -> None:
    with pytest.raises(UnclosedError) as caught:
        list(tokens(text))
    assert caught.value.start == start


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("A  =  B", "a=b", True),
        ('"a" = b', "a = b", True),
        ('"A" = b', "a = b", False),
        ('"user"', "user", False),  # a column, and a function
        ("a != b", "a <> b", True),
        ("'A'", "'a'", False),
        ("a -- x\n and b", "a and b", True),
        ("a - -b", "a --b", False),
        ("É", "é", False),
        ("'a''b'", "E'a\\'b'", False),
    ],
)
def test_canonical(left: str, right: str, same: bool) -> None:
    assert (canonical(left) == canonical(right)) is same


def test_only_ascii_has_a_case() -> None:
    assert folded("ABCÉİ") == "abcÉİ"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("public.f(public.x)", "f(x)"),
        ("'public.f'", "'public.f'"),
        ('"public".f(a)', "f(a)"),
        ("a.public.f", "a.public.f"),
        ("publicity.f", "publicity.f"),
        ("it's public.", "it's public."),
    ],
)
def test_unqualified(text: str, shown: str) -> None:
    assert unqualified(text, "public") == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a > 1", "(a > 1)"),
        ("(a > 1)", "(a > 1)"),
        ("(a) or (b)", "((a) or (b))"),
        ("a > 1 -- more", "(a > 1 -- more\n)"),
        ("(a > 1) -- more", "((a > 1) -- more\n)"),
        ("a > 1 /* more */", "(a > 1 /* more */)"),
        ("a = '--'", "(a = '--')"),
    ],
)
def test_a_comment_does_not_take_in_the_parenthesis_after_it(text: str, said: str) -> None:
    assert enclosed(text) == said


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("policy", "2 policies"),
        ("foreign key", "2 foreign keys"),
        ("statistics", "2 statistics"),
        ("publication settings", "2 publication settings"),
        ("default privileges", "2 default privileges"),
        ("operator class", "2 operator classes"),
    ],
)
def test_nouns_are_counted(word: str, said: str) -> None:
    assert counted(2, word) == said
