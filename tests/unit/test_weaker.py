"""What refuses less than before, told from the texts alone; and what must not be asked for, since it does not."""

from __future__ import annotations

import pytest

from sessionaudit.cures.weaker import weaker_check, weaker_index, weaker_key, weaker_trigger
from sessionaudit.kinds import check, index, key, trigger

TOUCH = "execute function touch()"
KEYS = [
    ("unique (a)", "unique (a, b)", True),
    ("unique (a)", "unique (a) deferrable", True),
    ("primary key (a)", "primary key (a, b)", True),
    ("primary key (a)", "unique (a)", True),
    ("unique nulls not distinct (a)", "unique (a)", True),
    ("unique (a, p without overlaps)", "unique (a, p)", True),
    ("unique (a, b)", "unique (a)", False),
    ("unique (a, b)", "unique (b, a)", False),
    ("unique (a)", "unique (a) include (b)", False),
    ("unique (a) deferrable", "unique (a) deferrable initially deferred", False),
    ("unique (a)", "primary key (a)", False),
]
INDEXES = [
    ("unique using btree (a)", "unique using btree (a, b)", True),
    ("unique using btree (a)", "using btree (a)", True),
    ("unique using btree (a)", "unique using btree (a) where b > 0", True),
    ("unique using btree (a) nulls not distinct", "unique using btree (a)", True),
    ("unique using btree (lower((b)::text))", "unique using btree (a, lower(b))", True),
    ("unique using btree (a) include (b) where c > 0", "unique using btree (a) include (b) where c > 1", False),
    ("unique using btree (a) where c > 0", "unique using btree (a)", False),
    ("unique using btree (a desc nulls last)", "unique using btree (a)", False),
    ("unique using btree (a)", "unique using btree (a text_pattern_ops) with (fillfactor = 70)", False),
    ("unique using btree (a, b)", "unique using btree (b)", False),
    ("using btree (a)", "using btree (a, b) where a > 0", False),
]
CHECKS = [
    ("check (a > 0)", "check (a > 0) no inherit", True),
    ("check (a > 0)", "check (a > 0) not enforced", True),
    ("check (a > 0) no inherit", "check (a > 0)", False),
    ("check (a > 0)", "check (a > 1)", False),
]
TRIGGERS = [
    (f"before insert or update for each row {TOUCH}", f"before insert for each row {TOUCH}", True),
    (f"before update for each row {TOUCH}", f"before update of a for each row {TOUCH}", True),
    (f"before update of a, b for each row {TOUCH}", f"before update of b for each row {TOUCH}", True),
    (f"before update for each row {TOUCH}", f"before update {TOUCH}", True),
    (f"before update for each row {TOUCH}", f"before update for each row when (new.a > 0) {TOUCH}", True),
    (f"before update of a for each row {TOUCH}", f"before insert or update for each row {TOUCH}", False),
    (f"before update of a for each row {TOUCH}", f"before update of b, a for each row {TOUCH}", False),
    (f"before update {TOUCH}", f"before update for each row {TOUCH}", False),
    (f"before update for each row {TOUCH}", f"after update for each row {TOUCH}", False),
]


@pytest.mark.parametrize(("old", "new", "weaker"), KEYS)
def test_keys(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_key(key.parse(new), key.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), INDEXES)
def test_indexes(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_index(index.parse(new), index.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), CHECKS)
def test_checks(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_check(check.parse(new), check.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), TRIGGERS)
def test_triggers(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_trigger(trigger.parse(new, "public"), trigger.parse(old, "public")) is weaker
