"""What kinds say of themselves."""

from __future__ import annotations

from dataclasses import replace

from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS, held_by

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
