"""What kinds say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS, held_by

if TYPE_CHECKING:
    from sessionaudit.core.kind import Kind

COLUMN = next(kind for kind in KINDS if kind.name == "column")
PATH = ("public", "sessions", "id")
TABLE, VIEW = ObjectRef("table", PATH[:2]), ObjectRef("view", PATH[:2])


def test_an_object_is_held_by_what_is_known_at_its_path() -> None:
    column = replace(COLUMN, within=("table", "view"))
    assert column.holder(PATH, {TABLE}.__contains__) == TABLE
    assert column.holder(PATH, {VIEW}.__contains__) == VIEW
    assert column.holder(PATH, {ObjectRef("view", ("public", "other"))}.__contains__) == TABLE
    assert replace(COLUMN, within=()).holder(PATH, {TABLE}.__contains__) is None


def test_every_kind_is_held_by_one_that_there_is() -> None:
    assert {kind.name for one in KINDS for kind in held_by(one.name)} | {kind.name for kind in held_by("")} == {
        kind.name for kind in KINDS
    }


# What no key of an entry states: that another relation is there, or what can only be seen of it.
STATED_NOWHERE = {"kind", "shown", "detaching", "role", "execution"}


def keys_of(shape: Any) -> set[str]:
    """The keys of the mappings that an entry may be."""
    if not isinstance(shape, Mapping):
        return set()
    below = [one for word in ("anyOf", "oneOf") for one in shape.get(word, ())]
    return {*shape.get("properties", ()), *(key for one in below for key in keys_of(one))}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_differs_is_stated_under_a_key_of_the_entry(kind: Kind[Any]) -> None:
    """Else `snapshot --update` writes the whole entry anew, and adds or loses what it was not asked for."""
    known = keys_of(kind.shape)
    stated = {one.facet: set(one.keys or (one.facet,)) for one in kind.attributes if known}
    assert {facet: keys for facet, keys in stated.items() if not keys <= known}.keys() <= STATED_NOWHERE
