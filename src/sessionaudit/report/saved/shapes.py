"""The shape of a saved report: what is read of its JSON. Other keys are left alone, as later versions may add some."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations
from typing import Annotated

from msgspec import Meta, Struct, field

from sessionaudit.core.report import ReferenceState  # noqa: TC001 - the same

# Words of ours stand in pages as they are, so nothing else may be read for one.
Word = Annotated[str, Meta(pattern=r"\A[a-z][a-z_ -]{0,40}\Z")]
Code = Annotated[str, Meta(pattern=r"\A[A-Z]{2}[0-9]{3}\Z")]
Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z-]{0,60}\Z")]
Fingerprint = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
Level = Annotated[str, Meta(pattern=r"\A(error|warning|note)\Z")]
FailingLevel = Annotated[str, Meta(pattern=r"\A(error|warning|note|never)\Z")]
State = Annotated[str, Meta(pattern=r"\A(ticked|waived|not-checked|failed)\Z")]
Tone = Annotated[str, Meta(pattern=r"\A(good|error|warning|note|faint|)\Z")]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Column = Annotated[int, Meta(ge=1, le=2**53)]
Path = Annotated[tuple[str, ...], Meta(max_length=10)]
Places = Annotated[tuple[Count, ...], Meta(max_length=10)]


class SavedRef(Struct, frozen=True):
    """An object: `spelled` are the places of those parts of its path that are no names."""

    kind: Word
    path: Path
    spelled: Places = ()


class SavedRun(Struct, frozen=True):
    """Objects of one kind in the same object; `outer` is the path of that."""

    kind: Word
    outer: Path = field(name="in")
    names: tuple[str, ...] = ()
    spelled: Places = ()


class SavedLocation(Struct, frozen=True):
    """A place in a file."""

    file: str
    line: Count | None
    column: Count = 0
    snippet: str = ""
    length: Count = 0
    snippet_column: Column = 1


class SavedSkipped(Struct, frozen=True):
    """What could not be checked."""

    what: str
    reason: str
    hint: str
    statement: str = ""
    about: tuple[SavedRef, ...] = ()
    stands_on: tuple[SavedRef, ...] = ()


class SavedWaiver(Struct, frozen=True):
    """What a contract says of a finding that it accepts."""

    reason: str
    owner: str
    until: dt.date
    object: str
    location: SavedLocation


class SavedBaselineEntry(Struct, frozen=True):
    """What a baseline says of a finding that it accepts."""

    fingerprint: Fingerprint
    severity: Level
    message: str
    location: SavedLocation
    facet: str = ""
    actual: str | None = None
    rows: Count = 0
    reason: str = ""
    until: dt.date | None = None


class SavedFinding(Struct, frozen=True, kw_only=True):
    """A finding; `because` are the fingerprints of others."""

    code: Code
    rule: Name
    severity: Level
    audit: Word
    object: str
    facet: str
    expected: str | None
    actual: str | None
    definition: str | None
    message: str
    location: SavedLocation | None
    elsewhere: tuple[SavedLocation, ...] = ()
    fingerprint: Fingerprint
    fix: tuple[str, ...]
    because: tuple[Fingerprint, ...] = ()
    statement: str = ""
    ref: SavedRef
    holder: str = ""
    rows: Count = 0
    printed: str | None = None
    barred: SavedSkipped | None = None
    waiver: SavedWaiver | None = None
    baseline: SavedBaselineEntry | None = None


class SavedUnproven(Struct, frozen=True):
    """Rules that were not applied everywhere."""

    rules: tuple[Name, ...]
    why: str


class SavedSearched(Struct, frozen=True):
    """Where an audit looked for objects."""

    below: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


class SavedUnsaid(Struct, frozen=True):
    """Why not all is said of some objects."""

    why: str
    about: tuple[SavedRun, ...]


class SavedOutcome(Struct, frozen=True, kw_only=True):
    """What an audit did, and how many of the report's lists are its own."""

    audit: Word
    noun: Word
    whole: bool
    checked: dict[Word, Count]
    uncounted: Count = 0
    skipped: Count = 0
    undecided: Count = 0
    notes: Count = 0
    plans: tuple[str, ...] = ()
    told: str = ""
    directory: str = ""
    unproven: tuple[SavedUnproven, ...] = ()
    looked_at: tuple[SavedRun, ...] = ()
    unsaid: tuple[SavedUnsaid, ...] = ()
    searched: SavedSearched = SavedSearched()


class SavedProof(Struct, frozen=True, kw_only=True):
    """What came of a proof."""

    proof: str
    state: State
    findings: tuple[Fingerprint, ...]
    unchecked: tuple[SavedSkipped, ...]
    waived: tuple[Fingerprint, ...]
    remarks: tuple[str, ...] = ()
    refs: tuple[SavedRef, ...] = ()


class SavedPoint(Struct, frozen=True):
    """A sentence of the checklist."""

    sentence: str
    state: State
    location: SavedLocation
    proofs: tuple[SavedProof, ...]


class SavedText(Struct, frozen=True):
    """A line of a cell."""

    text: str
    tone: Tone


class SavedTable(Struct, frozen=True):
    """A table that an audit shows beside its findings."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[SavedText, ...], ...], ...]


class SavedReference(Struct, frozen=True):
    """How one object refers to another."""

    source: str
    target: str
    name: str
    state: ReferenceState


class SavedDatabase(Struct, frozen=True):
    """The database."""

    name: str
    host: str
    server_version: str
    user: str = ""


class SavedManualStep(Struct, frozen=True):
    """What a person does by hand."""

    before: str
    command: str


class SavedReport(Struct, frozen=True, kw_only=True):
    """A report."""

    database: SavedDatabase | None
    contract: str
    filtered: bool
    findings: tuple[SavedFinding, ...]
    skipped: tuple[SavedSkipped, ...]
    waived: tuple[SavedFinding, ...]
    next: tuple[str, ...]
    audits: tuple[SavedOutcome, ...]
    fail_on: FailingLevel
    by_hand: tuple[SavedManualStep, ...] = ()
    accepted: tuple[SavedFinding, ...] = ()
    outer_causes: tuple[SavedFinding, ...] = ()
    checklist: tuple[SavedPoint, ...] = ()
    examined: dict[Word, dict[str, Count | dict[str, Count]]] = field(default_factory=dict)
    undecided: tuple[SavedSkipped, ...] = ()
    plans: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tables: tuple[SavedTable, ...] = ()
    references: tuple[SavedReference, ...] = ()
    standard: str = ""
    uncompared: str = ""
    holders: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    again: str = ""
    began: Annotated[dt.datetime, Meta(tz=True)] | None = None
    seconds: Annotated[float, Meta(ge=0, le=1e9)] = 0
