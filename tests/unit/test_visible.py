"""What cannot be seen is spelled out: for people, in JSON, for a shell and in SQL, as each of them reads it back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers import lacking
from servers import connect
from sessionaudit.core.plain_sql import plain
from sessionaudit.core.visible import hidden, shell_word, spelled_json, visible, visible_page
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg

    from servers import DatabaseServer

ODD = "\n\r\t\x1b\x07\x7f\x85\x9b\xad\u034f\u061c\u115f\u200b\u200d\u200e\u2028\u2029"
ODD += "\u202e\u2066\u2069\u3164\ufe0f\ufeff\U000e0001"
TEXTS = st.text(st.sampled_from(ODD + "ab1'\"\\$ -/*é💥"), max_size=30)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_nothing_of_the_kinds_that_unicode_calls_unseen_is_left_out() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        assert hidden(character) or unicodedata.category(character) not in _UNSEEN, hex(code)
    for letter in "aé 你💥§“…─→\\\"'":
        assert not hidden(letter)


@given(TEXTS)
def test_a_line_is_one_line_that_can_be_seen(text: str) -> None:
    assert not hidden(visible(text))
    assert not hidden(visible_page(text).replace("\n", ""))
    assert visible_page(text).count("\n") == text.count("\n")
    assert visible_page(f"\x1b[1;31m{visible(text)}\x1b[0m", colour=True) == f"\x1b[1;31m{visible(text)}\x1b[0m"
    assert "\x1b" not in visible_page(f"\x1b[1;31m{text}\x1b[0m")


@given(st.dictionaries(TEXTS, TEXTS))
def test_json_stays_json(value: dict[str, str]) -> None:
    for indent in (None, 2):
        spelled = spelled_json(value, indent=indent)
        assert not hidden(spelled.replace("\n", ""))
        assert json.loads(spelled) == value


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_word_is_what_a_shell_makes_of_it(shell: str) -> None:
    if not shutil.which(shell):
        lacking(f"there is no {shell}")  # a machine need not have bash
    words = [
        ODD,
        *ODD,
        "a'b\\x1b",
        "plain",
        "two words",
        "'",
        "\\\n'",
        "-n\x1b",
        "%s\r9!`$(a)\"'é",
        "\n1",
        "a\n",
        "\udcffb",
    ]
    if shell == "sh":
        words = [one for one in words if not one.endswith("\n")]  # which only other shells can spell in one word
    line = " ".join(map(shell_word, words))
    assert not hidden(line)
    told = subprocess.run(
        [shell, "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert told.stdout.decode(errors="surrogateescape").split("\0")[:-1] == words


# SQL, as the server reads it


@pytest.fixture(scope="module")
def connection(server: DatabaseServer) -> Generator[psycopg.Connection]:
    with connect(server.url) as connected:
        yield connected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXTS.filter(lambda one: 0 < len(one.encode()) < 60), text=TEXTS)
def test_sql_means_the_same(connection: psycopg.Connection, name: str, text: str) -> None:
    body = text.replace("$", "")
    statement = (
        f"-- {visible(name)}\nselect {literal(text)} as {identifier(name)}, $body$ {body}$body$,"
        f" /* \u202e */ e'\\x41\u202e', u&'\\0041\u2066' as a\u202eB"
    )
    respelled = plain(statement)
    assert not hidden(respelled.replace("\n", ""))
    told = []
    for one in (statement, respelled):
        cursor = connection.execute(one.encode())
        told.append((cursor.fetchall(), [column.name for column in cursor.description or ()]))
    assert told[0] == told[1]
    assert told[0][1][0] == name


def test_sql_that_can_be_seen_is_left_as_it_is() -> None:
    for statement in ("select 'é' as \"💥\";\n", "do $a$ begin null; end $a$;\n-- done\n"):
        assert plain(statement) == statement


def test_a_comment_ends_where_it_ended() -> None:
    assert plain("-- a\rdrop table b\nselect 1") == "-- a\\rdrop table b\nselect 1"
