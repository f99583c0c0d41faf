"""A text of YAML is made to say something else, and what it says already keeps every character."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sessionaudit.contract.extents import extents
from sessionaudit.errors import UsageError
from sessionaudit.snapshot import page
from sessionaudit.snapshot.editing import rewritten

SOURCE = """\
version: 1   # é
a:
  x: one   # of x

  # y
  'y':   "two"
  z: |
    select 1
      from t

  w: >-
    folded
    text
b: [ p,q , 'r' ]  # of b
c: {k: v,  l: [m, n], "o": 'p'}
d:
- s
-   t   # of t
- u
e: {}
f:
  g:
    h: i
# the end"""


def changed(change: Any) -> str:
    wanted: Any = extents(SOURCE).data
    change(wanted)
    return rewritten(SOURCE, wanted, "f.yaml")


def test_nothing_is_changed() -> None:
    assert changed(lambda _: None) == SOURCE
    read: Any = extents(SOURCE).data
    assert read["e"] == {}


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (lambda d: d["a"].update(x="1: #"), "  x: one ", "  x: '1: #' "),
        (lambda d: d["a"].update(y='t"o'), '"two"', '"t\\"o"'),
        (lambda d: d["a"].pop("x"), "  x: one   # of x\n", ""),
        (lambda d: d["a"].pop("z"), "  z: |\n    select 1\n      from t\n", ""),
        (lambda d: d["a"].update(z="select 2\n"), "select 1\n      from t\n", "select 2\n"),
        (lambda d: d["a"].update(z="select 2"), "|\n    select 1\n      from t\n", "select 2\n"),
        (lambda d: d["a"].update(v="new"), "    text\n", "    text\n  v: new\n"),
        (lambda d: d["b"].remove("q"), "p,q , 'r'", "p,'r'"),
        (lambda d: d["b"].remove("p"), " p,q ,", " q ,"),
        (lambda d: d["b"].remove("r"), "p,q , 'r'", "p,q"),
        (lambda d: d["b"].append("s t"), "'r' ]", "'r', s t ]"),
        (lambda d: d["b"].clear(), "[ p,q , 'r' ]", "[]"),
        (lambda d: d["c"]["l"].append("a, b"), "[m, n]", "[m, n, 'a, b']"),
        (lambda d: d["c"].update(q={"r": ["s"]}), "'p'}", "'p', q: {r: [s]}}"),
        (lambda d: d["c"].pop("k"), "{k: v,  l", "{l"),
        (lambda d: d["c"].pop("o"), """, "o": 'p'}""", "}"),
        (lambda d: d["d"].remove("t"), "-   t   # of t\n", ""),
        (lambda d: d["d"].insert(1, "new"), "- s\n", "- s\n- new\n"),
        (lambda d: d["d"].clear(), "d:\n- s\n-   t   # of t\n- u\n", "d: []\n"),
        (lambda d: d["e"].update(k={"l": "m"}), "e: {}\n", "e:\n  k:\n    l: m\n"),
        (lambda d: d["e"].update(k=page.Said({"l": "m"})), "e: {}\n", "e:\n  k: {l: m}\n"),
        (lambda d: d["f"].pop("g"), "f:\n  g:\n    h: i\n", "f: {}\n"),
        (lambda d: d.pop("f"), "f:\n  g:\n    h: i\n", ""),
        (lambda d: d.update(f="i"), "f:\n  g:\n    h: i\n", "f: i\n"),
        (lambda d: d["f"].update(g={"j": "k"}), "    h: i\n", "    j: k\n"),
    ],
)
def test_one_thing_is_changed(change: Any, old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    assert changed(change) == SOURCE.replace(old, new)


def test_every_line_break_is_kept() -> None:
    source = SOURCE.replace("\n", "\r\n")
    wanted: Any = extents(source).data
    wanted["a"]["v"] = "new"
    del wanted["d"]
    assert rewritten(source, wanted, "f.yaml") == source.replace("    text\r\n", "    text\r\n  v: new\r\n").replace(
        "d:\r\n- s\r\n-   t   # of t\r\n- u\r\n", ""
    )


def test_a_file_without_a_last_line_break() -> None:
    assert rewritten("a:\n  b: c", {"a": {"b": "c", "d": "e"}}, "f") == "a:\n  b: c\n  d: e"
    assert rewritten("a: b\nc: d", {"a": "b"}, "f") == "a: b\n"


def test_a_key_is_renamed() -> None:
    wanted: Any = {"a": {"c d": "x"}}
    assert rewritten("a: {b: x} # y", wanted, "f", {("a", "b"): "c d"}) == "a: {c d: x} # y"


def test_what_cannot_be_changed_is_refused() -> None:
    with pytest.raises(UsageError, match=r"f:1: what stands here cannot be changed"):
        rewritten("? a\n: b\n", {"a": "c"}, "f")


WORDS = ["one", "two words", "it's", 'say "x"', "a: b", "# c", "no", "", "é", "line\nbreak", "x,y", "[z", "{", "- d"]


def made(seed: random.Random, depth: int) -> Any:
    kind = seed.random()
    if depth and kind < 0.4:
        return {f"k{n}": made(seed, depth - 1) for n in range(seed.randrange(4))}
    if depth and kind < 0.6:
        return [seed.choice(WORDS) for _ in range(seed.randrange(4))]
    return seed.choice(WORDS)


def mutated(seed: random.Random, data: Any) -> Any:
    if isinstance(data, dict):
        found = {key: mutated(seed, value) for key, value in data.items() if seed.random() < 0.8}
        if seed.random() < 0.4:
            found[f"new {seed.randrange(9)}"] = made(seed, 2)
        return found
    if isinstance(data, list):
        return [one for one in data if seed.random() < 0.7] + ([seed.choice(WORDS)] if seed.random() < 0.3 else [])
    return seed.choice(WORDS) if seed.random() < 0.1 else data


@pytest.mark.parametrize("part", range(10))
def test_whatever_is_wanted_is_said(part: int) -> None:
    for number in range(30 * part, 30 * part + 30):
        says_what_is_wanted(number)


def says_what_is_wanted(number: int) -> None:
    seed = random.Random(number)
    data = {"version": "1", **{f"s{n}": made(seed, 3) or "x" for n in range(4)}}
    source = "\n".join(["version: 1", *page.lines({k: v for k, v in data.items() if k != "version"}, {})]) + "\n"
    assert extents(source).data == data, number
    wanted = {"version": "1", **mutated(seed, {k: v for k, v in data.items() if k != "version"})}
    text = rewritten(source, wanted, "f")
    assert extents(text).data == wanted, number
    assert rewritten(text, wanted, "f") == text, number
