"""What a format of a list has to do, and what all of them say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sessionaudit.backfill.broken_rows import Row
    from sessionaudit.backfill.list_session import Listed
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.core.finding import Skipped

    Write = Callable[[str], None]


def total(told: Sequence[Listed]) -> str:
    """How many rows were listed, in one sentence."""
    rows = sum(one.count for one in told)
    broken = sum(bool(one.count) for one in told)
    unknown = sum(one.skipped is not None for one in told)
    if not rows:
        said = "No broken row was found" if unknown else "No row is broken"
    else:
        said = f"{counted(rows, 'broken row')} of {counted(broken, 'invariant')}"
        said += "; there are more" if any(one.more for one in told) else ""
    return said + (f"; {counted(unknown, 'invariant')} could not be listed completely." if unknown else ".")


def not_listed(skipped: Skipped) -> str:
    """Why rows could not be listed, on one line."""
    return f"not listed: {skipped.what}: {skipped.reason.rstrip('.')}. {skipped.hint}".rstrip()


class Writer:
    """A format of a list. It is given each invariant and its rows in portions, and keeps none of them."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._invariant: Invariant | None = None

    @property
    def now(self) -> Invariant:
        """The invariant whose rows come."""
        if self._invariant is None:
            raise AssertionError
        return self._invariant

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:
        """Start a list of the rows of these invariants; `about` is what is said of all."""

    def invariant(self, invariant: Invariant) -> None:
        """Go on to an invariant."""
        self._invariant = invariant

    def rows(self, rows: Iterable[Row]) -> None:
        """Add rows of it: the key, since when, and what is shown."""
        raise NotImplementedError

    def ended(self, listed: Listed) -> None:
        """End the rows of it."""

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """End the list; with `error`, an object that tells of it, before its time."""


def as_object(invariant: Invariant, row: Row) -> dict[str, Any]:
    """A row for programs."""
    labels = (one.label for one in invariant.show)
    return {"key": row[0], "since": row[1], "show": dict(zip(labels, row[2:], strict=True))}
