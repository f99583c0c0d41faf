"""Define the Outcome of one audit, and the Report of all."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from sessionaudit.core.baseline import BaselineEntry
    from sessionaudit.core.checklist import ProvenPoint
    from sessionaudit.core.finding import Finding, Rule, Skipped, Waiver
    from sessionaudit.core.ref import ObjectRef


STANDARD = "the contract"
_START = "The contract"
_MOST = 5  # rules whose pages are printed at once


class Database(Struct, frozen=True):
    """The audited database; nothing here is secret."""

    name: str
    host: str
    server_version: str
    user: str

    def __str__(self) -> str:
        return f"{self.name} on {self.host}, PostgreSQL {self.server_version}"


class Unproven(Struct, frozen=True):
    """Why some rules find nothing, though there may be something: on these objects, or on any if none are named."""

    rules: frozenset[Rule]
    why: str
    about: tuple[ObjectRef, ...] = ()


class Unsaid(Struct, frozen=True):
    """Why a report does not say all that was found of these objects, or whether anything was."""

    why: str
    about: tuple[ObjectRef, ...]


class TonedText(NamedTuple):
    """A line of a cell; its `tone` is “good”, a severity, “faint” for what does not matter, or "" for none."""

    text: str
    tone: str = ""


class ReportTable(Struct, frozen=True):
    """A table that an audit adds to the report: its title, what its cells mean, and the lines of each cell by row.

    The first cell of a row says what the row is about.
    """

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[TonedText, ...], ...], ...]


class ReferenceState(StrEnum):
    """Whether a reference is right, differs in more than where it points, is missing, or should not be there."""

    RIGHT = "right"
    DIFFERENT = "different"
    MISSING = "missing"
    UNEXPECTED = "unexpected"


class ObjectReference(NamedTuple):
    """How one object refers to another: by what it is called, from the `source` to the `target`, spelled as in SQL."""

    source: str
    target: str
    name: str
    state: ReferenceState


class Searched(Struct, frozen=True):
    """Where an audit looked for objects: those `below` are examined or gone, but for those `passed_over`.

    Both are the beginnings of the objects' names: a directory ends with a slash.
    """

    below: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    def misses(self, name: str) -> bool:
        """Whether there is no object of this name, if it is none of those that were examined."""
        passed = (place if place.endswith("/") else f"{place} " for place in self.passed_over)
        found = (name[len(place) :] for place in self.below if name.startswith(place))
        # Below the current directory, which is "", is neither what stands above it nor what has an absolute name.
        return any(not rest.startswith(("/", "../")) for rest in found) and not any(map(name.startswith, passed))


class ManualStep(NamedTuple):
    """What a person does by hand, as the words before a command, and the command for it."""

    before: str
    command: str


def read_on(rules: Iterable[Rule]) -> Iterator[ManualStep]:
    """Return where it says what to do about findings of rules that no command mends, of the first ones."""
    if names := [*dict.fromkeys(rule.name for rule in rules)][:_MOST]:
        yield ManualStep("What to do by hand", CALLING.line("rule", operands=names))


def after_correcting(finding: Finding) -> Iterator[ManualStep]:
    """Return the call that looks again at what a finding is about, once a person has corrected that."""
    if finding.location and (again := CALLING.again()):
        yield ManualStep(f"After correcting {finding.location._replace(column=0)}", again)


class Outcome(Struct, frozen=True, kw_only=True):
    """What one audit found, before waivers and the call's selection are applied.

    `checked` counts what was checked, by noun; `noun` is the noun of the total. `left_out` counts what the options
    left out. `plans` holds query plans, if requested. `notes` are remarks on how the audit was done. `backfillable`
    are the objects whose findings a backfill can repair; `unfit` says that some need a repair of the schema first,
    and `hindered` which findings keep which from being repaired, by their fingerprints. `whole` says that the audit
    examined everything, regardless of the options. `undecided` are those of which nothing can be known by this
    audit, which is no fault of the call. `examined` has further counts, and `told` says them in a sentence.
    `looked_at` returns the objects that were really examined: of any other, nothing is known, but where `searched`
    says that there is none. `unproven` says which rules were not applied to all of them, `reservations` what the
    examination of an object does not prove. `unsaid` are the objects of which the options or the contract leave out
    what was found, or all. `directory` is that from which the findings name files; "" is that of the call.
    """

    audit: str
    noun: str
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict[str, int])
    left_out: int = 0
    plans: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    backfillable: frozenset[ObjectRef] = frozenset()
    unfit: bool = False
    hindered: Mapping[ObjectRef, tuple[str, ...]] = field(default_factory=dict["ObjectRef", "tuple[str, ...]"])
    whole: bool = False
    undecided: tuple[Skipped, ...] = ()
    examined: Mapping[str, int | Mapping[str, int]] = field(default_factory=dict[str, "int | Mapping[str, int]"])
    told: str = ""
    looked_at: Callable[[], Iterable[ObjectRef]] = tuple
    searched: Searched = Searched()
    unproven: tuple[Unproven, ...] = ()
    reservations: Mapping[ObjectRef, str] = field(default_factory=dict["ObjectRef", str])
    unsaid: tuple[Unsaid, ...] = ()
    directory: str = ""
    tables: Callable[[Report], Iterable[ReportTable]] = lambda _: ()
    references: Callable[[Report], Iterable[ObjectReference]] = lambda _: ()

    @property
    def total(self) -> int:
        """How much was checked."""
        return sum(self.checked.values())


class Report(Struct, frozen=True, kw_only=True):
    """What all audits found, for a format to print.

    `database` is None if no audit needed one. `findings` are those that count, worst first; `waived` are those that
    a waiver of the contract covers. `outcomes` are those of the audits, in their order. `filtered` says that the
    options left out some rules or objects. `next` are the commands to type, and `by_hand` is what no command does.
    `standard` is what the database is compared with, in the words of a sentence, and `uncompared` says what is left
    out of that. `holders` are what findings are printed under, where their order says something. `checklist` is
    that of the contract, with what came of each point. `failing` is the severity from which on findings fail the
    call, None if none do. `began` is when the call began, and `seconds` how long it took; None and 0 if nobody
    asked a clock. `circles` says where causes go in a circle. `accepted` are findings that a baseline accepts, and
    `remarks` what is said beside those of the audits. `selected` are the words of the call that left something out.
    `again` is the command that prints all of it. `repaired` says that steps were applied before this audit, which
    finds nothing of what they repair.
    """

    database: Database | None
    contract: str
    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    outcomes: tuple[Outcome, ...]
    filtered: bool = False
    next: tuple[str, ...] = ()
    by_hand: tuple[ManualStep, ...] = ()
    standard: str = STANDARD
    uncompared: str = ""
    holders: tuple[str, ...] = ()
    checklist: tuple[ProvenPoint, ...] = ()
    failing: Severity | None = Severity.ERROR
    began: datetime | None = None
    seconds: float = 0
    circles: tuple[str, ...] = ()
    accepted: tuple[tuple[Finding, BaselineEntry], ...] = ()
    remarks: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    again: str = ""
    repaired: bool = False

    def worded(self, text: str) -> str:
        """Return a sentence that speaks of the contract as one about what the database is compared with."""
        if self.standard == STANDARD:
            return text
        return text.replace(STANDARD, self.standard).replace(_START, self.standard[0].upper() + self.standard[1:])

    @property
    def where(self) -> Database:
        """The database. Use it only if there is one."""
        if self.database is None:
            raise AssertionError(self.contract)
        return self.database

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was selected and could not be checked."""
        return tuple(one for outcome in self.outcomes for one in outcome.skipped)

    @property
    def unchecked(self) -> tuple[Skipped, ...]:
        """What was selected and could not be checked, with what is found only because of that."""
        return (*self.skipped, *(one.barred for one in self.findings if one.barred))

    @property
    def undecided(self) -> tuple[Skipped, ...]:
        """What was looked at, and of which nothing can be known."""
        return tuple(one for outcome in self.outcomes for one in outcome.undecided)

    @property
    def examined(self) -> dict[str, Mapping[str, int | Mapping[str, int]]]:
        """Further counts of what was examined, by audit."""
        return {outcome.audit: outcome.examined for outcome in self.outcomes if outcome.examined}

    @property
    def checked(self) -> dict[str, int]:
        """How much was checked, by noun."""
        return {noun: number for outcome in self.outcomes for noun, number in outcome.checked.items()}

    @property
    def totals(self) -> dict[str, int]:
        """How much each audit checked, by the audit's noun."""
        return {outcome.noun: outcome.total for outcome in self.outcomes}

    @property
    def is_part(self) -> bool:
        """Whether the call left something out, so that the report says nothing of the whole."""
        partly = any(outcome.total and not outcome.whole for outcome in self.outcomes)
        return self.filtered or bool(self.left_out) or partly

    @property
    def left_out(self) -> dict[str, int]:
        """How much the options left out, by the audit's noun."""
        return {outcome.noun: outcome.left_out for outcome in self.outcomes if outcome.left_out}

    @property
    def plans(self) -> dict[str, str]:
        """The query plans, if they were requested."""
        return {name: plan for outcome in self.outcomes for name, plan in outcome.plans.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on how the audits were done, on what is not shown as it was found, and on what is accepted."""
        return (*(note for outcome in self.outcomes for note in outcome.notes), *self.circles, *self.remarks)

    def is_complete(self, audit: str, rule: str, about: str) -> bool:
        """Whether a finding of an audit by a rule, as code and name, would be here if there were one.

        It would be if all was examined, and the object with the text `about`, or what holds it, was, or is gone. What
        the options left out is for the caller to judge (`selected`).
        """
        outcome = next((one for one in self.outcomes if one.audit == audit), None)
        if outcome is None or outcome.skipped or not outcome.whole:
            return False
        barred = any(finding.barred and finding.audit == audit for finding in self.findings)
        unproven = {f"{one.code} {one.name}" for some in outcome.unproven for one in some.rules}
        return not barred and rule not in unproven and self._examined(outcome, about)

    @staticmethod
    def _examined(outcome: Outcome, about: str) -> bool:
        names = {ref.dotted for ref in outcome.looked_at()}
        if not names:
            return outcome.total > 0
        words = about.split(" ")
        named = [" ".join(words[place:]) for place in range(1, len(words))]
        examined = any(start in names for name in named for start in _starts(name))
        return examined or any(map(outcome.searched.misses, named[:1]))

    @property
    def tables(self) -> tuple[ReportTable, ...]:
        """What audits show beside their findings."""
        return tuple(table for outcome in self.outcomes for table in outcome.tables(self))

    @property
    def references(self) -> tuple[ObjectReference, ...]:
        """How the objects with findings refer to each other."""
        return tuple(one for outcome in self.outcomes for one in outcome.references(self))

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def summary(self) -> dict[str, int]:
        """Return the counts by severity, and those of skipped and waived findings."""
        return {str(severity): self.count(severity) for severity in sorted(Severity, reverse=True)} | {
            "skipped": len(self.unchecked),
            "waived": len(self.waived),
            **({"accepted": len(self.accepted)} if self.accepted else {}),
        }


def _starts(name: str) -> Iterator[str]:
    """Return a name, and those of what holds it, as far as dots can tell, and blanks behind a file."""
    yield name
    yield from (name[:place] for place, character in enumerate(name) if character in ". ")
