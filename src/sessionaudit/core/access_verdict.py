"""Define what comes of a command of a role."""

from __future__ import annotations

from enum import StrEnum


class AccessVerdict(StrEnum):
    """What a command of a role reaches.

    `NO_ROW` is no error: row security lets no row pass, so a read is empty, and an update or delete changes nothing.
    `REFUSED` is an error of SQLSTATE 42501. `UNKNOWN` is decided by a trigger or a rewrite rule, `IMPOSSIBLE` is a
    command that such an object does not know.
    """

    ALL = "all"
    BY_POLICY = "by policy"
    NO_ROW = "no row"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    IMPOSSIBLE = "impossible"

    __hash__ = str.__hash__  # that of Enum is slow, and a matrix has many

    @property
    def rank(self) -> int:
        """How much it lets a role do; a higher number is more."""
        return _RANKS[self]

    @property
    def is_none(self) -> bool:
        """Whether nothing can be reached."""
        return self in _NOTHING


_RANKS = {
    AccessVerdict.IMPOSSIBLE: 0,
    AccessVerdict.REFUSED: 0,
    AccessVerdict.NO_ROW: 1,
    AccessVerdict.UNKNOWN: 2,
    AccessVerdict.BY_POLICY: 2,
    AccessVerdict.ALL: 3,
}
_NOTHING = {AccessVerdict.NO_ROW, AccessVerdict.REFUSED, AccessVerdict.IMPOSSIBLE}
