"""Define what all audits report: rules, findings, and what could not be checked."""

from __future__ import annotations

import hashlib
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from msgspec import Struct

from sessionaudit.core.compared import Compared

if TYPE_CHECKING:
    from datetime import date

    from sessionaudit.core.ref import ObjectRef


_WHOLE = 240  # characters of what was found that are kept whole; of more, this is the beginning


class Severity(IntEnum):
    """The severity of a finding; a higher number is worse."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Location(NamedTuple):
    """A position in a file: the contract, a migration, code. `line` and `column` count from 1; 0 means none.

    `snippet` is the line, where it is to be shown, with `length` characters marked from the column on. Of a long line
    it is a part, which `before` characters stand before.
    """

    file: str
    line: int
    column: int = 0
    snippet: str = ""
    length: int = 0
    before: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}:{self.column}" if self.column else place


class Rule(Struct, frozen=True):
    """What an audit looks for.

    `code` is never reused. `summary` says what the rule finds, `why` says the consequences. `message` is the sentence
    of a finding; `{name}`, `{parent}`, `{object}`, `{expected}` and `{actual}` are replaced by the finding's values.
    `object` says how a waiver names the object, if that is not the path of an object of the rule's kind. `fix` says
    what to do, where `sessionaudit repair` does not do all of it. `otherwise` says which findings are worse or milder
    than the `severity` says. `shows_rows` says that the actual value of a finding is of rows, and so differs from call
    to call.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    message: str = ""
    object: str = ""
    fix: str = ""
    otherwise: str = ""
    shows_rows: bool = False


class Subject(NamedTuple):
    """The models that a finding compares, for its cure.

    `printed` is the expected text of the facet as the server prints it, if it was asked, and `whole` all that was read
    with it; `refused` is its message if it rejects that text. `found` is the object that has the same effect
    under another name. `doubt` says what to do where the name may be a mistake, so that nothing is created by it.
    """

    expected: Any | None
    actual: Any | None
    printed: str | None = None
    found: ObjectRef | None = None
    refused: str = ""
    whole: str | None = None
    doubt: str = ""


class Finding(Compared, frozen=True, kw_only=True):
    """One difference between the database and the contract.

    `facet` names the attribute that differs; it is empty if the object itself is missing or should not exist.
    `expected` and `actual` are in the contract's spelling; None means that there is no value. `definition` is the
    existing object's definition in the contract's spelling, None if a contract cannot state it. `locations` are
    positions in the contract, in a migration or in code, the most useful one first. `stands_on` are the objects that
    must be repaired before this one: of those that hold others it matters only that they are there, but for `decisive`
    ones, of which each facet does. `holder` names the object under which findings are grouped. `audit` is the name of
    the audit that found it. `fix` holds the SQL that repairs it, if known. `barred` says what could not be
    checked, if there is only perhaps a difference because the role lacks a right. `printed` is the expected value as
    the server prints it, if it did, which compares with the actual one line by line. `explains` are the objects that
    are not there, or not as expected, because of this finding, `leaves` those that are still there because of it;
    `because` are the findings that are its nearest causes. `statement` is the SQL that was judged, if it is about some.
    `rows` is how many rows it concerns, if they were counted. `state` is the SQLSTATE with which the server rejects
    what the contract states, if it does.
    """

    aside: ClassVar = frozenset(
        {"definition", "decisive", "fix", "subject", "printed", "because", "statement", "rows", "state"}
    )

    rule: Rule
    severity: Severity
    ref: ObjectRef
    facet: str
    expected: str | None
    actual: str | None
    message: str
    locations: tuple[Location, ...] = ()
    stands_on: tuple[ObjectRef, ...] = ()
    decisive: tuple[ObjectRef, ...] = ()
    holder: str = ""
    audit: str = ""
    definition: str | None = None
    fix: tuple[str, ...] = ()
    barred: Skipped | None = None
    printed: str | None = None
    subject: Subject | None = None
    explains: tuple[ObjectRef, ...] = ()
    leaves: tuple[ObjectRef, ...] = ()
    because: tuple[Finding, ...] = ()
    statement: str = ""
    rows: int = 0
    state: str = ""

    @property
    def location(self) -> Location | None:
        """The most useful location, if there is one."""
        return self.locations[0] if self.locations else None

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that identify the finding from run to run, independent of its values."""
        return fingerprint_of(self.rule.code, str(self.ref), self.facet)

    @property
    def as_found(self) -> str:
        """How it is: two findings of one fingerprint are the same if this is equal.

        It is the actual value, or the definition of an object that should not be there; "" where nothing is there, and
        for rows, whose number counts. Of a long text it is the beginning, with a digest of all of it.
        """
        if self.rows or self.rule.shows_rows:
            return ""
        found = encodable((None if self.facet else self.definition) or self.actual or "")
        return found if len(found) <= _WHOLE else f"{found[:_WHOLE]}… (SHA-256 {_digest(found)[:32]})"


def fingerprint_of(code: str, named: str, facet: str) -> str:
    """Sixteen hex digits that identify a finding by the code of its rule, its object as text, and its facet."""
    return _digest("\0".join((code, named, facet)))[:16]


def encodable(text: str) -> str:
    """Return a text with the bytes of file names that are no characters spelled as escapes."""
    return text.encode(errors="backslashreplace").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


class Skipped(Struct, frozen=True):
    """Something that could not be checked, the reason, and what would help.

    `statement` is the SQL of which only a part could be judged, if it is about some. `about` are the objects that this
    concerns, as far as they are known; one without a path stands for all of its kind. `stands_on` are those that must
    be right before it can be checked.
    """

    what: str
    reason: str
    hint: str = ""
    statement: str = ""
    about: tuple[ObjectRef, ...] = ()
    stands_on: tuple[ObjectRef, ...] = ()


class Waiver(Struct, frozen=True, kw_only=True):
    """A finding that is accepted until the end of a day; `object` is a glob."""

    rule: Rule
    object: str
    reason: str
    owner: str
    until: date
    location: Location
