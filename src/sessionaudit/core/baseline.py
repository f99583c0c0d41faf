"""Define the baseline: findings that were there on a day, and are accepted since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.finding import encodable

if TYPE_CHECKING:
    from datetime import date

    from sessionaudit.core.finding import Finding, Location, Severity

# Of a command in a message, the options tell how the call was made: where the database is, which contract it has.
_COMMAND = re.compile(r"`(sessionaudit [a-z]+)[^`]*`")


class BaselineEntry(Struct, frozen=True, kw_only=True):
    """A finding that a baseline accepts, as it was when the baseline was written.

    `rule` is its code and name, `object` the text of its reference. `actual` is how it was (`Finding.as_found`), None
    if the entry is of a file that does not say so. `rows` is how many rows it stood for, 0 if for none. It is accepted
    until the end of the day `until`, if there is one. `location` is the place of the entry in its file.
    """

    fingerprint: str
    rule: str
    audit: str
    object: str
    severity: Severity
    message: str
    facet: str = ""
    actual: str | None = None
    rows: int = 0
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

    @property
    def as_found(self) -> str:
        """How it was, as far as that is known."""
        return self.actual or ""

    def is_worse(self, finding: Finding) -> bool:
        """Whether a finding of the same fingerprint is worse than what was accepted."""
        return finding.severity > self.severity or finding.rows > self.rows

    def is_changed(self, finding: Finding) -> bool:
        """Whether a finding of the same fingerprint is known to be another than what was accepted."""
        return self.actual is not None and self.actual != finding.as_found

    def is_of(self, finding: Finding) -> bool:
        """Whether the entry says that it is about this finding."""
        code = self.rule.partition(" ")[0]
        return (code, self.object, self.audit) == (finding.rule.code, encodable(str(finding.ref)), finding.audit)


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
    return encodable(_COMMAND.sub(r"`\1`", " ".join(message.split())))
