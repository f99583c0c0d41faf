"""Tests that prove once more what others prove: `second_proofs.txt` names them.

A thorough run takes a third of them, `make test-all` every one.

Each is one set of parameters of a test that keeps others. It runs no line of the program, and takes no branch, that two
tests of the default suite do not run without it: measured with a trace of each. A repair of a case is among them only
if another case of its kind has the same facets mended. A new test is not in this list, and neither is one that found a
deliberate breakage, as a word of a statement is no line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(__file__).with_suffix(".txt")


def mark(items: Sequence[pytest.Item], *, whole: bool) -> None:
    """Mark them as thorough or slow. If the `whole` suite was collected, one that is not there is an error."""
    order = {name: place for place, name in enumerate(FILE.read_text(encoding="utf-8").splitlines())}
    named = set(order)
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        if name in named:
            named.remove(name)
            item.add_marker(pytest.mark.thorough if order[name] % 3 == 0 else pytest.mark.slow)
    if whole and named:
        raise pytest.UsageError(f"{FILE.name} names tests that are not there: {', '.join(sorted(named))}")
