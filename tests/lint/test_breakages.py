"""`lint` finds what is broken in a contract, all of it that can be proven, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintcases import BROKEN, GOOD, Broken, linted, pairs, written

if TYPE_CHECKING:
    from pathlib import Path


def broken(folder: Path, one: Broken) -> tuple[Path, set[tuple[str, str]]]:
    assert GOOD.count(one.old) == 1, one.name
    file = written(folder, GOOD.replace(one.old, one.new))
    return file, {(code, f"file {file}" if name == "FILE" else name) for code, name in one.found}


def test_nothing_is_wrong(tmp_path: Path) -> None:
    report = linted(written(tmp_path))
    assert pairs(report) == set()
    assert not report.skipped
    told = {one.what for one in report.undecided}
    assert {"invariant order_has_customer", 'policy public.customers."own row"', 'file "repairs/orders.sql"'} <= told
    assert not {"key public.orders.orders_pkey", "enum public.mood"} & told


def test_there_are_breakages_enough() -> None:
    assert len(BROKEN) > 50
    assert len({one.name for one in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: one.name)
def test_a_breakage_is_found(one: Broken, tmp_path: Path) -> None:
    file, found = broken(tmp_path, one)
    assert pairs(linted(file)) == found
