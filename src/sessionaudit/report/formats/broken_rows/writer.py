"""Define the interface of the formats of a list, and the texts that they share."""

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
    """Say in one sentence how many rows were listed."""
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
    """Say on one line why rows could not be listed."""
    return f"not listed: {skipped.what}: {skipped.reason.rstrip('.')}. {skipped.hint}".rstrip()


class Writer:
    """A format of a list. It receives each invariant and its rows in portions, and keeps none of them."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._invariant: Invariant | None = None

    @property
    def now(self) -> Invariant:
        """The current invariant."""
        if self._invariant is None:
            raise AssertionError
        return self._invariant

    def begin(self, about: Mapping[str, Any], invariants: Iterable[Invariant]) -> None:
        """Begin a list of the rows of these invariants; `about` holds properties of the whole list."""

    def invariant(self, invariant: Invariant) -> None:
        """Begin the rows of an invariant."""
        self._invariant = invariant

    def rows(self, rows: Iterable[Row]) -> None:
        """Add rows of it: the key, the time since when the row exists, and the shown values."""
        raise NotImplementedError

    def ended(self, listed: Listed) -> None:
        """End the rows of the invariant."""

    def end(self, told: Sequence[Listed], error: Mapping[str, Any] | None) -> None:
        """End the list; `error` is an object that describes the error that ended it early, if any."""


def as_object(invariant: Invariant, row: Row) -> dict[str, Any]:
    """Return a row as an object for programs."""
    labels = (one.label for one in invariant.show)
    return {"key": row[0], "since": row[1], "show": dict(zip(labels, row[2:], strict=True))}
