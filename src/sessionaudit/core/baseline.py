"""Define the baseline: findings that were there on a day, and are accepted since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import date

    from sessionaudit.core.finding import Finding, Location, Severity

# Of a command in a message, the options tell how the call was made: where the database is, which contract it has.
_COMMAND = re.compile(r"`(sessionaudit [a-z]+)[^`]*`")


class BaselineEntry(Struct, frozen=True, kw_only=True):
    """A finding that a baseline accepts, as it was when the baseline was written.

    `rule` is its code and name, `object` the text of its reference. `rows` is how many rows it stood for, None if the
    entry does not limit them. It is accepted until the end of the day `until`, if there is one. `location` is the place
    of the entry in its file.
    """

    fingerprint: str
    rule: str
    audit: str
    object: str
    severity: Severity
    message: str
    rows: int | None = None
    reason: str = ""
    until: date | None = None
    location: Location

    @property
    def headline(self) -> str:
        """The rule and the object."""
        return f"{self.rule} of {self.object}"

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today

    def covers(self, finding: Finding) -> bool:
        """Whether a finding of the same fingerprint is no worse than what was accepted."""
        more = self.rows is not None and finding.rows > self.rows
        return finding.severity <= self.severity and not more


class Baseline(Struct, frozen=True, kw_only=True):
    """A file of accepted findings; `contract` and `database` are the names of those that it was written for.

    `options` are those of the call that wrote it, as far as they left something out.
    """

    file: str
    contract: str
    database: str
    entries: tuple[BaselineEntry, ...]
    options: tuple[str, ...] = ()


def plain_message(message: str) -> str:
    """A message on one line, whose commands have no options."""
    return _COMMAND.sub(r"`\1`", " ".join(message.split()))
