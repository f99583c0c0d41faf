"""Values of which some fields are not compared."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared


class Pair(Compared, frozen=True, kw_only=True):
    """One field that counts, and one that does not."""

    aside: ClassVar = frozenset({"how"})

    what: str
    how: str = ""


class Whole(Compared, frozen=True, kw_only=True):
    """No field counts."""

    aside: ClassVar = frozenset({"how"})

    how: str = ""


def test_what_stands_aside_is_not_compared() -> None:
    one, other = Pair(what="a", how="x"), Pair(what="a", how="y")
    assert one == other
    assert (one != other) is False
    assert hash(one) == hash(other)
    assert Whole(how="x") == Whole(how="y")
    assert {Whole(how="x"), Whole(how="y")} == {Whole()}


def test_all_else_is() -> None:
    one = Pair(what="a")
    assert one != replace(one, what="b")
    assert (one == replace(one, what="b")) is False
    assert one != Whole()
    assert Whole() != one
    assert one != "a"
