"""What all audits report: rules, findings, and what could not be checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from sessionaudit.core.ref import ObjectRef


class Severity(IntEnum):
    """How bad a finding is; a higher number is worse."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Location(NamedTuple):
    """A place in a file: the contract, a migration, code. `line` and `column` count from 1; 0 where there is none."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}:{self.column}" if self.column else place


@dataclass(frozen=True, slots=True)
class Rule:
    """What an audit looks for.

    `code` is never reused. `summary` says what the rule finds, `why` what follows from it and for
    whom. `message` is the sentence of a finding: `{name}`, `{parent}`, `{object}`, `{expected}`
    and `{actual}` stand for the finding's own. `object` says how a waiver names what it is about, where that is not the
    path of an object of the rule's kind.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    message: str = ""
    object: str = ""


class Subject(NamedTuple):
    """The models that a finding compares, for its cure.

    `printed` is how the server prints the expected text of the facet, where it was asked, and `refused`
    what it says where it refuses that; `found` is the object that does the expected one's work under
    another name.
    """

    expected: Any | None
    actual: Any | None
    printed: str | None = None
    found: ObjectRef | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference between the database and the contract.

    `facet` names the attribute that differs, and is empty where the object itself is missing or
    should not be there. `expected` and `actual` are in the contract's spelling; None means that
    there is no such thing. `definition` is what the contract would say of the whole object that is there, None where
    nothing that it can say is what is found. `locations` are places in the contract, in a migration or in the code,
    the telling one first; `stands_on` are the objects that must be right before this one can be. `holder` names the
    object under which findings are shown together. `audit` is the name of the audit that found it. `fix` holds the
    SQL that repairs it, where that is known.
    """

    rule: Rule
    severity: Severity
    ref: ObjectRef
    facet: str
    expected: str | None
    actual: str | None
    message: str
    locations: tuple[Location, ...] = ()
    stands_on: tuple[ObjectRef, ...] = ()
    holder: str = ""
    audit: str = ""
    definition: str | None = field(default=None, compare=False)
    fix: tuple[str, ...] = field(default=(), compare=False)
    subject: Subject | None = field(default=None, compare=False, repr=False)

    @property
    def location(self) -> Location | None:
        """The place that tells most, if there is one."""
        return self.locations[0] if self.locations else None

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify the finding from run to run, independent of its values."""
        text = "\0".join((self.rule.code, str(self.ref), self.facet))
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was asked for and could not be checked, and what would help."""

    what: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding that is accepted until the end of a day; `object` is a glob."""

    rule: Rule
    object: str
    reason: str
    owner: str
    until: date
    location: Location
