"""What refuses less than before, told from the texts alone; and what must not be asked for, since it does not."""

from __future__ import annotations

import pytest

from sessionaudit.kinds.check import model as check
from sessionaudit.kinds.common.weaker import (
    weaker_check,
    weaker_exclusion,
    weaker_foreign_key,
    weaker_index,
    weaker_key,
    weaker_trigger,
)
from sessionaudit.kinds.exclusion import model as exclusion
from sessionaudit.kinds.foreign_key import model as foreign_key
from sessionaudit.kinds.index import model as index
from sessionaudit.kinds.key import model as key
from sessionaudit.kinds.trigger import model as trigger

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
    ("unique (a) deferrable", "unique (a) deferrable initially deferred", True),
    ("unique (a) deferrable initially deferred", "unique (a) deferrable", False),
    ("unique (a)", "unique (b)", True),
    ("unique (a, b)", "unique (b, c)", True),
    ("primary key (a)", "primary key (b)", True),
    ("unique (a)", "primary key (a)", False),
]
INDEXES = [
    ("unique using btree (a)", "unique using btree (a, b)", True),
    ("unique using btree (a)", "using btree (a)", True),
    ("unique using btree (a)", "unique using btree (a) where b > 0", True),
    ("unique using btree (a) nulls not distinct", "unique using btree (a)", True),
    ("unique using btree (lower((b)::text))", "unique using btree (a, lower(b))", True),
    ("unique using btree (a) where c > 0 and b > 1", "unique using btree (a) where c > 0", False),
    ("unique using btree (a) include (b) where c > 1", "unique using btree (a) include (b) where c > 0", False),
    ("unique using btree (a) include (b) where c > 0", "unique using btree (a) include (b) where c > 1", None),
    ("unique using btree (a) where c > 0", "unique using btree (a) where b > 0", None),
    ("unique using btree (a)", "unique using btree (b)", True),
    ("unique using btree (lower(a))", "unique using btree (lower(b))", None),
    ("unique using btree (lower(a), b)", "unique using btree (lower(a))", False),
    ("unique using btree (a collate ci)", "unique using btree (a)", True),
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
    ("check (a > 1)", "check (a > 0)", None),
    ("check (a > '-5'::integer)", "check (a >= 0)", False),
    ("check (a > 0)", "check (a >= 0)", None),
    ("check (a >= 0)", "check (a > (0)::numeric)", False),
    ("check (a < 0)", "check (a > 0)", None),
    ("check (a < 'x')", "check (a < 'a')", None),
    ("check (a <= 9)", "check (a <= 8.5 and b)", False),
    ("check (a > 0 and b > 0)", "check (b > 0)", None),
    ("check (b > 0)", "check (a > 0 and b > 0)", False),
    ("check (a > 0 or b is null)", "check (b is null)", False),
    ("check (a in ('x', 'y'))", "check (a in ('x', 'y', 'z'))", None),
    ("check (a in ('x', 'y', 'z'))", "check (a in ('y', 'x'))", False),
    ("check (a in ('x', 'y', 'z'))", "check (a = 'y')", False),
    ("check (a not in ('x', 'y'))", "check (a not in ('x', 'y', 'z'))", False),
    ("check (a <> 'x')", "check (a not in ('y', 'z'))", None),
    ("check (a > 0) not enforced", "check (b > 0)", False),
    ("check (a > 0)", "check (length(a::text) > 0)", None),
]
_TO = "foreign key (a) references p (x)"
FOREIGN_KEYS = [
    (_TO, "foreign key (a) references q (x)", False),
    ("foreign key (a, b) references p (x, y)", "foreign key (a) references p (x)", True),
    ("foreign key (a, period b) references p (x, period y)", "foreign key (a, b) references p (x, y)", True),
    (_TO, "foreign key (b) references p (x)", True),
    (_TO, "foreign key (a) references p (y)", False),
    (_TO, f"{_TO} deferrable", True),
    (f"{_TO} deferrable", f"{_TO} deferrable initially deferred", True),
    (f"{_TO} match full", _TO, True),
    (_TO, f"{_TO} match full", False),
    (_TO, f"{_TO} on delete cascade", False),
    (f"{_TO} deferrable", _TO, False),
    (f"{_TO} not enforced", "foreign key (a) references q (x)", False),
]
_APART = "exclude using gist (during with &&)"
EXCLUSIONS = [
    ("exclude using gist (room with =, during with &&)", _APART, False),
    (_APART, "exclude using gist (room with =, during with &&)", True),
    (_APART, "exclude using gist (during with =)", None),
    (_APART, f"{_APART} where (a > 0)", True),
    (f"{_APART} where (a > 0)", _APART, False),
    (f"{_APART} where (a > 1)", f"{_APART} where (a > 0)", False),
    (f"{_APART} where (a > 0)", f"{_APART} where (a > 1)", None),
    (_APART, f"{_APART} deferrable", True),
    (f"{_APART} deferrable", _APART, False),
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
def test_indexes(old: str, new: str, *, weaker: bool | None) -> None:
    assert weaker_index(index.parse(new), index.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), CHECKS)
def test_checks(old: str, new: str, *, weaker: bool | None) -> None:
    assert weaker_check(check.parse(new), check.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), EXCLUSIONS)
def test_exclusions(old: str, new: str, *, weaker: bool | None) -> None:
    assert weaker_exclusion(exclusion.parse(new), exclusion.parse(old)) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), FOREIGN_KEYS)
def test_foreign_keys(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_foreign_key(foreign_key.parse(new, "public"), foreign_key.parse(old, "public")) is weaker


@pytest.mark.parametrize(("old", "new", "weaker"), TRIGGERS)
def test_triggers(old: str, new: str, *, weaker: bool) -> None:
    assert weaker_trigger(trigger.parse(new, "public"), trigger.parse(old, "public")) is weaker
