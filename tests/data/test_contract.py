"""The sections `invariants:` and `trace:`: what they hold, and errors that name line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionaudit.contract.loader import load
from sessionaudit.core.finding import Severity
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.contract.model import Contract

HEAD = "version: 1\ntables:\n  a:\n    columns:\n      id: uuid not null\n"
WHOLE = """invariants:
  one:
    summary: Every a has a b
    each: a x
    has: other.b
    "on": b.a_id = x.id
"""


def read(tmp_path: Path, text: str) -> Contract:
    path = tmp_path / "contract.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load(path)


def test_an_invariant_is_read(tmp_path: Path) -> None:
    (one,) = read(tmp_path, WHOLE).invariants
    assert (one.name, one.severity, one.location.line) == ("one", Severity.ERROR, 7)
    assert (one.each.path, one.each.alias) == (("public", "a"), "x")
    assert one.has is not None
    assert (one.has.path, one.has.alias) == (("other", "b"), "b")


def test_a_bare_on_is_the_word_that_it_looks_like(tmp_path: Path) -> None:
    (one,) = read(tmp_path, WHOLE.replace('"on"', "on")).invariants
    assert one.on == "b.a_id = x.id"


def test_a_query_needs_a_table(tmp_path: Path) -> None:
    (one,) = read(
        tmp_path, "invariants:\n  two:\n    summary: S\n    of: a\n    violations: select id from a\n"
    ).invariants
    assert one.violations == "select id from a"
    assert one.has is None


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("    each: a x\n", "", "7:3", "needs “each”"),
        ("    has: other.b\n", "", "7:3", "needs “has”"),
        ("    summary: Every a has a b\n", "", "7:3", "needs a summary"),
        ("each: a x", "each: a x y", "9:15", "one table and its alias"),
        ("each: a x", "eech: a x", "9:5", "unknown key “eech”"),
        ("each: a x", "each: a x\n    where: (x.id", "10:12", "unclosed"),
        ("each: a x", "each: a x\n    where: {it is: x.id = 'a}", "10:27", "unterminated"),
        ("each: a x", "each: a x\n    older_than: soon", "10:17", "a time such as"),
        ("each: a x", "each: a x\n    severity: bad", "10:15", "error, warning, note"),
        ("each: a x", "each: a x\n    supersede: f.sql", "10:16", "without “repair”"),
        ("each: a x", "each: a x\n    backfill: true", "10:15", "cannot be backfilled"),
        ("each: a x", "each: a x\n    violations: select 1", "11:10", "cannot be combined with"),
        ("  one:", "  One:", "7:3", "lower-case letters"),
        ("x.id\n", "x.id; drop table a\n", "11:24", "“;” is not allowed here"),
    ],
)
def test_a_slip_is_named_with_its_place(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in WHOLE
    with pytest.raises(ContractError) as caught:
        read(tmp_path, WHOLE.replace(old, new))
    assert words in caught.value.message
    location = caught.value.location
    assert location is not None
    assert f"{location.line}:{location.column}" == place


def test_only_one_invariant_is_the_usual_one(tmp_path: Path) -> None:
    again = WHOLE + "    repair: f.sql\n    backfill: true\n"
    with pytest.raises(ContractError, match="only one invariant"):
        read(tmp_path, again + again.replace("invariants:\n  one", "  two"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trace:\n  links: {}\n", "needs “of”"),
        ("trace:\n  of: a\n  links:\n    l: {from: b, on: b.x = a.id}\n", "needs a summary"),
        ("trace:\n  of: a\n  links:\n    l: {summary: S, from: b}\n", "both “from” and “on”"),
        ("trace:\n  of: a\n  links:\n    l: {summary: S, invariant: none}\n", "unknown invariant"),
        ("trace:\n  of: a\n  links:\n    l: {summary: S, as: {claims: select 1}}\n", "needs a role"),
    ],
)
def test_a_slip_in_a_trace_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        read(tmp_path, text)
    assert words in caught.value.message
    assert caught.value.location is not None


def test_the_repositorys_contract_has_a_usual_invariant_and_repairs_that_are_there(contract: Contract) -> None:
    from pathlib import Path

    assert [one.name for one in contract.invariants if one.usual] == ["session_has_request"]
    for invariant in contract.invariants:
        for file in (invariant.repair, invariant.supersede):
            assert file is None or (Path(contract.file).parent / file).is_file()
