"""Tell which of two migrations comes first where one of them has no file, by the numbers that versions begin with."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sessionaudit.audits.migrations.ledgers.interface import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.audits.migrations.model import Migration, Recorded

_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*(?![0-9A-Za-z])")

Rank = tuple[int, ...]


def newest_after(one: Migration, every: Sequence[Migration], rows: Iterable[Recorded]) -> Recorded | None:
    """Return the last of some applied rows if it comes after a migration.

    None where the tool's order of the files is another than that of the numbers, or a version has none.
    """
    ranks = [_rank(other) for other in every if not other.repeatable]
    if not all(earlier and later and earlier <= later for earlier, later in pairwise(ranks)):
        return None
    known = [(rank, row) for row in rows if row.state == "applied" and (rank := _rank(row))]
    newest = max(known, key=lambda pair: pair[0], default=None)
    rank = _rank(one)
    return newest[1] if newest and rank and newest[0] > rank else None


def _rank(one: Migration | Recorded) -> Rank:
    """The numbers that a version begins with; none where it begins with something else, such as a hash."""
    match = _NUMBERS.match(key_of(one))
    return tuple(map(int, match[0].split("."))) if match else ()
