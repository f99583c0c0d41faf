"""Decide which findings are reported: by the contract's rules and waivers, and by the options."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.core.finding import Finding, Severity
from sessionaudit.core.node import close, nearest
from sessionaudit.core.ref import ObjectRef, spellings
from sessionaudit.errors import UsageError
from sessionaudit.rulebook import EXPIRED, IDLE, REFUSED, RULES, UNCERTAIN, audit_of

_OWN = AUDITS[0]  # findings on waivers themselves are reported with the first audit
_MAGIC = re.compile(r"[*?[]")

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Rule, Waiver


class Selection(Struct, frozen=True, kw_only=True):
    """Rules, codes, audits or globs over objects; an unqualified name refers to `schema`."""

    only: tuple[str, ...]
    ignore: tuple[str, ...]
    schema: str

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.only or self.ignore)

    @property
    def words(self) -> tuple[str, ...]:
        """The options that say it."""
        return (*(f"--only {word}" for word in self.only), *(f"--ignore {word}" for word in self.ignore))

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is selected."""
        if self.only and not any(self._matches(word, finding) for word in self.only):
            return False
        return not any(self._matches(word, finding) for word in self.ignore)

    def asks(self, audit: str, ref: ObjectRef, rules: Iterable[Rule]) -> bool:
        """Whether a finding of an audit, by one of these rules on an object, could be selected."""
        known = set(rules)
        if self.only and not any(
            known & set(found) if (found := _rules(word)) else covers(word, audit, ref, self.schema)
            for word in self.only
        ):
            return False
        ignored = {rule for word in self.ignore for rule in _rules(word)}
        named = any(covers(word, audit, ref, self.schema) for word in self.ignore if not _rules(word))
        return not named and not known <= ignored

    def takes_all(self, audit: str, ref: ObjectRef | None, rules: Collection[Rule]) -> bool:
        """Whether every finding of an audit, by one of these rules on an object, is selected.

        Without an object: on any object.
        """
        if self.everything:
            return True
        kept: set[Rule] = set()
        for word in self.only:
            found = _rules(word)
            named = not found and (word == audit if ref is None else covers(word, audit, ref, self.schema))
            kept.update(rules if named else found)
        if self.only and not kept.issuperset(rules):
            return False
        return not any(
            set(found) & set(rules)
            if (found := _rules(word))
            else covers(word, audit, ref, self.schema)
            if ref
            else word not in AUDITS or word == audit
            for word in self.ignore
        )

    def names_itself(self, finding: Finding) -> bool:
        """Whether a finding is selected by its rule or its own object, and not together with a whole table."""
        return any(
            finding.rule in rules if (rules := _rules(word)) else _names_itself(word, finding.ref, self.schema)
            for word in self.only
            if word.strip("*")
        )

    def require(self, refs: Iterable[ObjectRef]) -> None:
        """Refuse a word that names neither a rule nor an object: a typing error must not look like a clean audit.

        Raises UsageError.
        """
        missing = [word for word in (*self.only, *self.ignore) if not _rules(word) and word not in AUDITS]
        known: set[str] = set()
        for ref in refs if missing else ():
            missing = [word for word in missing if not names(word, ref, self.schema)]
            known.add(".".join(ref.path[:2]))
        if missing:
            word = missing[0]
            raise UsageError(
                f"“{word}” is not a rule, a code or an object of the contract or the database",
                hint=_meant(word, known),
            )

    def require_something(self, asked: Iterable[tuple[str, ObjectRef, Iterable[Rule]]]) -> None:
        """Refuse options that leave nothing to examine, which would look like a clean audit.

        `asked` are audits, each with an object and the rules that may apply to it. Raises UsageError.
        """
        if not any(self.asks(*one) for one in asked):
            raise UsageError(
                f"nothing is left to check: {' '.join(self.words)} excludes everything in the contract",
                hint="Perhaps it has no such objects, or --ignore excludes what --only names.",
            )

    def _matches(self, word: str, finding: Finding) -> bool:
        rules = _rules(word)
        return finding.rule in rules if rules else covers(word, finding.audit, finding.ref, self.schema)


def _meant(word: str, known: Iterable[str]) -> str:
    """Return the object or rule with the most similar name, or what the word could be."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    rule = next((name for name in RULES if name.replace("-", "") == plain), "")
    near = f"Did you mean “{rule}”?" if rule else close(word, {*known, *AUDITS}) or close(word, RULES)
    audits = f"{', '.join(f'“{audit}”' for audit in AUDITS[:-1])} and “{AUDITS[-1]}”"
    return near or f"`sessionaudit rule` lists the rules; {audits} stand for audits."


@lru_cache(maxsize=1000)  # asked of every object and finding
def _rules(word: str) -> tuple[Rule, ...]:
    """Return the rules that match a name, a code, or a glob over either."""
    folded = word.lower()
    every = RULES.values()
    return tuple(rule for rule in every if any(fnmatchcase(one, folded) for one in (rule.name, rule.code.lower())))


def refuse_slips(words: Iterable[str]) -> None:
    """Refuse words that can be neither a rule nor an object, before anything is read. Raises UsageError."""
    for word in words:
        if not word.strip() or ("-" in word and not set(word) & set(".*?[ ") and not _rules(word)):
            raise UsageError(
                f"“{word}” is not a rule, a code or an object such as public.sessions or *.metadata",
                hint=nearest(word, RULES) if word.strip() else "List the rules with `sessionaudit rule`.",
            )


def covers(word: str, audit: str, ref: ObjectRef, schema: str) -> bool:
    """Whether a word names an audit, an object that it examines, or a container of that object."""
    return word == audit if word in AUDITS else names(word, ref, schema)


def names(glob: str, ref: ObjectRef, schema: str) -> bool:
    """Whether a glob names an object or its container: `public.sessions` names its columns too."""
    match = _pattern(glob).match
    return any(match(spelling) for spelling in spellings(ref, schema))


def _names_itself(glob: str, ref: ObjectRef, schema: str) -> bool:
    """Whether a glob names an object by its own name: `public.t.a` and `*.a`, but neither `public.t` nor `public.*`."""
    if not _MAGIC.search(glob):
        return glob in spellings(ref, schema)
    last = glob.rpartition(".")[2]
    own = last.strip("*") and fnmatchcase(ref.name, last)
    return bool(own) and any(fnmatchcase(spelling, glob) for spelling in spellings(ref, schema))


@lru_cache(maxsize=65536)
def _pattern(glob: str) -> re.Pattern[str]:
    """Compile a glob, which matches also the objects below the named one."""
    return re.compile(f"{translate(glob)}|{translate(f'{glob}.*')}")


def judged(
    found: Iterable[Finding],
    contract: Contract,
    selection: Selection,
    today: dt.date,
    coverage: Coverage | None = None,
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, Waiver], ...]]:
    """Return the findings that count, worst first, and those that a waiver covers.

    `coverage` is what was examined; it is given if unused waivers are to be reported.
    """
    findings: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    waivers = _Waivers(contract, today)
    used: set[int] = set()
    for finding in (*found, *_expired(contract, today)):
        severity = contract.rules.get(finding.rule.name, finding.severity)
        waiver = waivers.of(finding)
        if waiver:
            used.add(id(waiver))
        if severity is None or not selection.takes(finding):
            continue
        counted = finding if severity is finding.severity else replace(finding, severity=severity)
        if waiver:
            waived.append((counted, waiver))
        else:
            findings.append(counted)
    unsettled = [(one.audit, one.ref) for one in findings if one.rule in {UNCERTAIN, REFUSED}]
    for finding in _idle(contract, today, used, coverage, unsettled) if coverage else ():
        severity = contract.rules.get(finding.rule.name, finding.severity)
        if severity is not None and selection.takes(finding):
            findings.append(replace(finding, severity=severity))
    findings.sort(key=lambda finding: (-finding.severity, finding.rule.code, finding.ref.path, finding.facet))
    return tuple(findings), tuple(waived)


class _Waivers:
    """The waivers that are valid today, indexed so that not each is tried on each finding."""

    def __init__(self, contract: Contract, today: dt.date) -> None:
        self._schema = contract.schema
        self._plain: dict[tuple[str, str], int] = {}
        self._globs: dict[str, list[int]] = {}
        self._all = contract.waivers
        for number, waiver in enumerate(contract.waivers):
            if waiver.until < today:
                continue
            if _MAGIC.search(waiver.object) or waiver.object in AUDITS:
                self._globs.setdefault(waiver.rule.name, []).append(number)
            else:
                self._plain.setdefault((waiver.rule.name, waiver.object), number)

    def of(self, finding: Finding) -> Waiver | None:
        """Return the first waiver that covers a finding."""
        rule = finding.rule.name
        if not self._all:
            return None
        spelled = spellings(finding.ref, self._schema)
        found = [self._plain.get((rule, start)) for spelling in spelled for start in _starts(spelling)]
        found += [
            number
            for number in self._globs.get(rule, ())
            if covers(self._all[number].object, finding.audit, finding.ref, self._schema)
        ][:1]
        numbers = [number for number in found if number is not None]
        return self._all[min(numbers)] if numbers else None


def _starts(spelling: str) -> Iterator[str]:
    """Return a spelling, and its part before each dot: the name of a container covers the object too."""
    yield spelling
    end = spelling.find(".")
    while end >= 0:
        yield spelling[:end]
        end = spelling.find(".", end + 1)


class Coverage(Struct, frozen=True):
    """What was examined: the objects, each with its audit, and the audits that left nothing out."""

    subjects: tuple[tuple[str, ObjectRef], ...]
    whole: frozenset[str]

    def all_of(self, rule: Rule, lookers: Collection[str]) -> bool:
        """Whether everything was examined that could violate a rule, on objects that these `lookers` (audits) examine.

        If no audit examines them and the rule is no audit's own, any audit could.
        """
        audit = audit_of(rule)
        return self.whole.issuperset({audit} if audit else lookers or AUDITS)


def waiver_ref(waiver: Waiver) -> ObjectRef:
    """Return the reference that findings on a waiver have."""
    return ObjectRef("waiver", (waiver.rule.name, waiver.object))


def _idle(
    contract: Contract, today: dt.date, used: set[int], coverage: Coverage, unsettled: Sequence[tuple[str, ObjectRef]]
) -> Iterable[Finding]:
    for waiver in contract.waivers:
        if id(waiver) in used or waiver.until < today:
            continue
        lookers = {one[0] for one in coverage.subjects if covers(waiver.object, *one, contract.schema)}
        if not coverage.all_of(waiver.rule, lookers):
            continue
        if any(covers(waiver.object, *one, contract.schema) for one in unsettled):
            continue
        yield Finding(
            audit=_OWN,
            rule=IDLE,
            severity=Severity.NOTE if lookers else Severity.WARNING,
            ref=waiver_ref(waiver),
            facet="object",
            expected=None,
            actual=None,
            message=(
                f"The waiver of {waiver.rule.name} for {waiver.object} matches nothing: "
                + ("no such finding exists. Remove it from the contract." if lookers else "there is no such object.")
            ),
            locations=(waiver.location,),
            holder="waivers",
        )


def _expired(contract: Contract, today: dt.date) -> Iterable[Finding]:
    for waiver in contract.waivers:
        if waiver.until < today:
            who = f" ({waiver.owner})" if waiver.owner else ""
            yield Finding(
                audit=_OWN,
                rule=EXPIRED,
                severity=Severity.WARNING,
                ref=waiver_ref(waiver),
                facet="until",
                expected=f"a day from {today} on",
                actual=str(waiver.until),
                message=(
                    f"The waiver of {waiver.rule.name} for {waiver.object} ended on {waiver.until}: “{waiver.reason}”"
                    f"{who}. It no longer applies: fix what it was for, or agree on a new date."
                ),
                locations=(waiver.location,),
                holder="waivers",
            )
