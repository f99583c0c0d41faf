"""Our scanner against PostgreSQL's own: where a string literal ends, where it goes on, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sessionaudit.postgres.connection import connect
from sessionaudit.sql.text import Token, UnclosedError, canonical, cut, joined, literal, tokens, unliteral

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessionaudit.postgres.connection import Connection

GAPS = ["\n", " \n", "\t\r\n ", "\n\n", " -- it's\n", "\n-- it's\n", "--\n  -- '\n\t", "\f\n", "\r", "\n --x\r"]
NO_GAPS = [" ", "", " -- x", "/**/", "\n/**/\n", " /*\n*/ ", "\n-- x ", "\t"]
PLAIN = ["a", "b'", "''", "\\", "--", "/*", "*/", ";", ")", "$$", '"', "é", "\n", "e", "U&", " ", "E"]
ESCAPED = ["a", "''", "\\'", "\\\\", "\\n", "\\x41", "\\101", "\\7", "\\x4", "\\u00e9", "1", ";", "--", "é", "\n", " "]
UNICODE = ["a", "''", "\\0061", "\\+000061", "\\\\", "00", "--", ";", "é"]
BODIES = {"'": PLAIN, "E'": ESCAPED, "e'": ESCAPED, "U&'": UNICODE, "u&'": UNICODE, "N'": PLAIN, "n'": PLAIN,
          "B'": ["0", "1", ""], "b'": ["1"], "X'": ["0", "F"], "x'": ["a"]}  # fmt: skip


@st.composite
def literals(draw: st.DrawFn) -> str:
    """A literal that goes on once or twice, perhaps where it must not."""
    start = draw(st.sampled_from(sorted(BODIES)))
    body = st.lists(st.sampled_from(BODIES[start]), max_size=4).map("".join)
    text = start + draw(body) + "'"
    for _ in range(draw(st.integers(0, 2))):
        text += draw(st.sampled_from([*GAPS, *GAPS, *NO_GAPS])) + "'" + draw(body) + "'"
    if start in {"U&'", "u&'"} and draw(st.booleans()):
        text += draw(st.sampled_from([" uescape '!'", "\nUESCAPE\n'\\'", " uescape '+'"]))
    return text


@st.composite
def lists(draw: st.DrawFn) -> str:
    """Literals between commas and comments, sometimes with a character too few or too many."""
    dollar = st.sampled_from(["$$'$$", "$a$\n'$b$'$a$", '1 as "\'"', "1 /* ' */", "1 -- '\n"])
    parts = draw(st.lists(st.one_of(literals(), literals(), dollar), min_size=1, max_size=4))
    text = draw(st.sampled_from([", ", ",\n", ", -- '\n", ", /* ' /* */ */ "])).join(parts)
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["'", "\n", "\\", "", "E", ";", "--", " "])) + text[at + 1 :]
    return text


@pytest.fixture(scope="module")
def line(server: Any) -> Iterator[Connection]:
    with connect(server.url) as connection:
        connection.execute("select set_config('default_transaction_read_only', 'on', false)")
        connection.execute("select set_config('standard_conforming_strings', 'on', false)")
        yield connection


def row(line: Connection, text: str) -> tuple[Any, ...] | psycopg.Error:
    """What the server makes of a list of values, or why it does not."""
    try:
        return line.execute(f"select {text}\n".encode()).fetchone() or ()
    except psycopg.Error as error:
        return error


def respelled(found: list[Token]) -> str:
    """The same list from our tokens alone: nothing of the blanks, comments and seams that stood between them."""
    words: list[str] = []
    for index, token in enumerate(found):
        if token.sort in {"string", "dollar"}:
            escaped = index + 1 < len(found) and found[index + 1].text.lower() == "uescape"
            kept = escaped or token.text[0] in "bBxX" or (index > 0 and found[index - 1].text.lower() == "uescape")
            words.append(joined(token.text) if kept else literal(unliteral(token.text)))
        else:
            words.append(token.text)
    return " ".join(words)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=lists())
@example(text="E'a'\n'\\''")
@example(text="'x' = E'a'\n'\\'' ) ) as b; commit; select (0) from (select (1 --'")
@example(text="'a' -- '\n'b'")
@example(text="'a' /* */\n'b'")
@example(text="'a'\n/* */'b'")
@example(text="U&'\\00'\n'61'")
@example(text="E'\\1'\n'01'")
@example(text="E'\\xC3'\n'\\xA9'")
@example(text="'a''\n'")
@example(text="'a'\n''''\n'b'")
@example(text="'a'\n--'b'\n'c'")
@example(text="B'1' ''")
def test_what_the_server_reads_we_read_alike(line: Connection, text: str) -> None:
    found = row(line, text)
    if isinstance(found, psycopg.Error):
        return
    words = list(tokens(text))
    assert ";" not in [token.text for token in words[:-1]]
    assert row(line, respelled(words)) == found, words
    if not any(token.text[0] in "eE" for token in words):
        assert row(line, canonical(text)) == found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=literals())
@example(text="B''''")
def test_what_we_take_for_one_literal_is_one_to_the_server(line: Connection, text: str) -> None:
    try:
        words = list(tokens(text))
    except UnclosedError:
        found = row(line, text)
        assert isinstance(found, psycopg.Error), found
        return
    found = row(line, text)
    if len(words) == 1 and words[0].sort == "string" and isinstance(found, psycopg.Error):
        assert "scape" in str(found) or "surrogate" in str(found) or "byte sequence" in str(found), found


@given(
    st.lists(st.sampled_from([*"ae1'\"$.:;,()[]+-*/<>=@?_ \n\t", "--", "/*", "*/", "E'", "=>", "@-", "$a$"])).map(
        "".join
    )
)
@example("a /* b /* c */ */ + 1")
@example("a @- 1 =- 2")
def test_a_text_cut_whole_has_the_tokens_of_one_cut_step_by_step(text: str) -> None:
    assert found_by(cut, text) == found_by(lambda text: tuple(tokens(text)), text)


def found_by(cutting: Callable[[str], tuple[Token, ...]], text: str) -> object:
    try:
        return cutting(text)
    except UnclosedError as error:
        return str(error), error.start
