"""Check contracts for the command: each by itself, and all in one report."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.selection import Selection, judged, refuse_slips
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.contract import file_text, loader
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Severity, Skipped
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.report import Outcome, Report, Unsaid
from sessionaudit.errors import ContractError
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.lint_rules import OF_ABSENT, RESERVED, UNDECLARED
from sessionaudit.kinds.lint_rules import RULES as OF_CONTRACTS
from sessionaudit.lint import texts
from sessionaudit.lint.checks import CHECKS
from sessionaudit.lint.finding_of import NAME
from sessionaudit.lint.stating import StatedContract
from sessionaudit.lint.syntax import findings_of
from sessionaudit.rulebook import EXPIRED, IDLE, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Waiver

_NOUN = "object"
_UNREAD = "it cannot be read"
_RULES = (*OF_CONTRACTS, EXPIRED, REFUSED, IDLE)
_THEN = "Correct what is found, and run it again."


class LintAsked(NamedTuple):
    """Which findings are reported, and whether a private server judges the SQL."""

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    embedded: bool = False


class LintedContract(Struct, frozen=True, kw_only=True):
    """What is found in one contract, which is None if it cannot be read, and what was not judged.

    `server` says which server has judged its SQL, "" if none has.
    """

    contract: Contract | None
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Skipped, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    server: str = ""


def report_lint(files: Sequence[Path], asked: LintAsked) -> Report:
    """Check contracts. Raises UsageError, ContractError if there is no such file, and DatabaseError without a server.

    A file that another one includes is checked as a part of that.
    """
    refuse_slips((*asked.only, *asked.ignore))
    contracts = [_linted(file, asked) for file in _apart(files)]
    findings: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    unsaid: list[Unsaid] = []
    selections = [_selection(one, asked) for one in contracts]
    _require(contracts, selections)
    today = dt.datetime.now(tz=dt.UTC).date()
    for one, selection in zip(contracts, selections, strict=True):
        if one.contract is None:
            findings += [finding for finding in one.findings if selection.takes(finding)]
            continue
        counted, accepted = judged(one.findings, one.contract, selection, today)
        findings += [replace(finding, audit=NAME) for finding in counted]
        waived += accepted
        shown = (*counted, *(finding for finding, _ in accepted))
        unsaid += with_unsaid(_outcome([one], one.findings), one.contract, selection, shown, lambda _: _RULES).unsaid
    findings.sort(key=lambda one: (-one.severity, one.rule.code, one.ref.path, one.locations, one.facet))
    return Report(
        database=None,
        contract=", ".join(map(str, files)),
        findings=tuple(findings),
        waived=tuple(waived),
        outcomes=(replace(_outcome(contracts, findings), unsaid=tuple(unsaid)),),
        filtered=bool(asked.only or asked.ignore),
        selected=selections[0].words,
    )


def _linted(file: Path, asked: LintAsked) -> LintedContract:
    source = file_text.read(file)
    try:
        contract = loader.outline(source, str(file)).declare()
    except ContractError as error:
        skipped = Skipped(f"the rest of {file}", _UNREAD, _THEN)
        return LintedContract(contract=None, findings=tuple(findings_of(error, str(file))), skipped=(skipped,))
    stated = StatedContract(contract)
    found = [finding for name in CHECKS for finding in import_module(f"sessionaudit.lint.checks.{name}").found(stated)]
    if not asked.embedded:
        named = {one.ref for one in found if one.rule in {OF_ABSENT, UNDECLARED}}
        undecided = tuple(one for one in texts.unasked(stated) if not named.intersection(one.about))
        return LintedContract(contract=contract, findings=tuple(found), undecided=undecided)
    from sessionaudit.lint.judging import judged_by_server  # noqa: PLC0415 - loads psycopg

    judgement = judged_by_server(stated)
    told = [one for one in found if one.severity > Severity.NOTE]
    known = {(one.ref, one.facet) for one in told} | {(one.ref, "") for one in told}
    # The server rejects a table, say, for the name of its column.
    named = {one.ref.path[:-1] for one in told if one.rule is RESERVED}
    new = [
        one
        for one in judgement.findings
        if (one.ref, one.facet) not in known and not (one.ref.path in named and one.state == sqlstate.DUPLICATE_COLUMN)
    ]
    return LintedContract(
        contract=contract,
        server=judgement.server,
        findings=(*found, *new),
        undecided=tuple(one for one in judgement.undecided if not {(ref, "") for ref in one.about} & known),
    )


def _apart(files: Sequence[Path]) -> list[Path]:
    """Return the files but for those that are a part of another one."""
    if len(files) == 1:
        return [*files]
    included: set[Path] = set()
    for file in files:
        try:
            outlined = loader.outline(file_text.read(file), str(file))
        except ContractError:
            continue
        included.update(Path(source.file).resolve() for source in outlined.sources[1:])
    return [file for file in dict.fromkeys(files) if file.resolve() not in included]


def _selection(one: LintedContract, asked: LintAsked) -> Selection:
    schema = one.contract.schema if one.contract else "public"
    return Selection(only=asked.only, ignore=asked.ignore, schema=schema)


def _require(contracts: Sequence[LintedContract], selections: Sequence[Selection]) -> None:
    """Refuse a word that names nothing in any of the contracts. Raises UsageError."""
    refs = [ref for one in contracts for ref in _refs(one)]
    for selection in selections[:1]:
        if not selection.everything:
            selection.require(refs)
            selection.require_something((NAME, ref, _RULES) for ref in refs)


def _refs(one: LintedContract) -> Iterable[ObjectRef]:
    yield from (finding.ref for finding in one.findings)
    if one.contract is not None:
        for kind in KINDS:
            yield from (ObjectRef(kind.name, path) for path in one.contract.objects[kind.name])
        yield from (invariant.ref for invariant in one.contract.invariants)


def _outcome(contracts: Sequence[LintedContract], findings: Iterable[Finding]) -> Outcome:
    readable = [one.contract for one in contracts if one.contract]
    counts = {kind.name: sum(len(one.objects[kind.name]) for one in readable) for kind in KINDS}
    undecided = tuple(skipped for one in contracts for skipped in one.undecided)
    unknown = {ref for one in undecided for ref in one.about}
    return Outcome(
        audit=NAME,
        noun=_NOUN,
        checked={name: number for name, number in counts.items() if number},
        skipped=tuple(skipped for one in contracts for skipped in one.skipped),
        undecided=undecided,
        findings=tuple(findings),
        told=next((one.server for one in contracts if one.server), ""),
        whole=True,
        looked_at=lambda: dict.fromkeys(ref for one in contracts for ref in _refs(one) if ref not in unknown),
    )
