"""What a database can hold comes through YAML as it is: names, defaults, bodies and comments of any characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from servers import connect
from sessionaudit.audits.runner import Options, examine
from sessionaudit.core.node import flow
from sessionaudit.snapshot import page, session
from sessionaudit.snapshot.platform import Platform
from sessionaudit.snapshot.taking import SnapshotOptions
from sessionaudit.sql.text import literal, quoted
from test_snapshot import call

if TYPE_CHECKING:
    from pathlib import Path

    from servers import DatabaseServer

ODD = (
    "yes no 1e3 ~ - ? *a &a !a %a @a `a a: #a - ... --- = << null 0x1f 1:30 2020-01-01 present absent public version"
    " | >x [ ] { } , : :: (a) $a .5 a.b 'a' a''b {a} [a] \\ \\n on true A %s %(a)s"
).split()
ODD += ["a: b", "a #b", " a", "a ", "a  b", "\t", "a\tb", "a\nb", "a\n", "\na", "\n\n", "\r", "a\r\nb", "a'b", 'a"b']
ODD += [
    "a\"'b",
    "a\u00a0b",
    "a\u2028b",
    "\ufeffa",
    "a\ufeff",
    "😀",
    "😀\t",
    "😀\u2028",
    "\x7f",
    "\x85",
    "a\x85b",
    "\x01",
]
ODD += ["\u200b", "\u202e", "\ue000", "\U000e0001", "a\ufffe", "\uffff", "é" * 31, "x" * 63, "Weird; Table", "- - a: #"]
ANY = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from(" \t\n\r'\"\\:#-?{}[],&*!|>%@`~.\u00a0\u2028\ufeff\x85😀"),
    min_size=1,
    max_size=15,
)
NAMES = ANY.filter(lambda name: len(name.encode()) < 50)


def made_of(names: list[str]) -> str:
    """Objects in which each name and text stands wherever one can stand."""
    parts = ["set check_function_bodies = off;"]
    for number, name in enumerate(dict.fromkeys(names)):
        it, text = quoted(name), literal(name)
        e_text = f"E'{number}" + name.replace("\\", "\\\\").replace("'", "''") + "'"
        parts.append(f"""
            create table {it} ({it} text default {text}, other text default {e_text},
              constraint {quoted(f"{number}{name}"[:10])} check ({it} <> {text}));
            create index {quoted(f"i{number}{name}"[:10])} on {it} ({it}) where {it} > {text};
            create policy {it} on {it} using ({it} = {text});
            comment on table {it} is {text};
            comment on column {it}.{it} is {text};
            create type {quoted(f"e{number}{name}"[:10])} as enum ({text}, 'one');
            create function {it}({it} text default {text}) returns text language sql as {e_text};
            create function {it}(integer) returns integer language plpgsql as {text};""")
    return "".join(parts)


def clean(url: str, folder: Path) -> str:
    """The snapshot of a database, of which a check finds nothing, and which is the same again."""
    made = session.make(url, SnapshotOptions(platform=Platform.none))
    file = folder / "expected.yaml"
    assert call("snapshot", "-d", url, "--platform", "none", "-o", str(file), "--overwrite")[0] == 0
    assert file.read_bytes() == made.text.encode()
    assert (made.waived, made.snapshot.unwritten, made.snapshot.skipped) == ((), (), ())
    assert examine(url, file, Options()).report.findings == ()
    assert session.make(url, SnapshotOptions(platform=Platform.none)).text == made.text
    return made.text


@pytest.mark.thorough
@settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@example(ODD)
@given(st.lists(NAMES, min_size=10, max_size=25))
def test_any_text_comes_through(server: DatabaseServer, tmp_path: Path, names: list[str]) -> None:
    url = server.create()
    with connect(url) as connection:
        connection.execute(made_of(names).encode())
    clean(url, tmp_path)
    server.drop(url)


@pytest.mark.parametrize("text", ["😀\t", "a\x85b", "\x7f", "a\ufffe", "\u2028", "'\"\\ \n"])
def test_quotes_hold_any_character(text: str) -> None:
    written = "\n".join(page.lines({"tables": {text: text, "list": [text], "said": page.Said({"a": text})}}, {}))
    assert written.isascii() or "😀" in written
    assert flow(text) in written


def test_what_stands_without_quotes_is_written_as_it_is(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("""
            create function f() returns text language sql as $$
            -- ❤\ufe0f
            \tselect 'a'
            $$;
            create table t (a text default '\u3164', b text default E'x\ty\nz');
            create type e as enum ('\ufe0f');""")
    assert "\tselect 'a'\n" in clean(database, tmp_path)


def test_a_key_may_be_longer_than_yaml_looks_ahead(database: str, tmp_path: Path) -> None:
    arguments = ", ".join(f"argument_{number} timestamp with time zone default now()" for number in range(60))
    with connect(database) as connection:
        connection.execute(f"create function many({arguments}) returns integer language sql as 'select 1'".encode())
    assert "\n  ? many(" in clean(database, tmp_path)


def test_what_a_partition_has_of_its_parent_is_stated_there(database: str, tmp_path: Path) -> None:
    """A column of the parent that is NOT NULL without a default is no harm that the partition does."""
    with connect(database) as connection:
        connection.execute("""
            create table parent (id integer primary key) partition by range (id);
            create table part partition of parent for values from (1) to (9);
            create table above (x integer not null);
            create table below (y integer) inherits (above);
            create table alike () inherits (above);""")
    text = clean(database, tmp_path)
    part, below = (text[text.index(f"\n  {name}:") :].split("\n\n")[0] for name in ("part", "below"))
    assert "columns:" not in part
    assert "x: integer not null" in below
