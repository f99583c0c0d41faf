"""Examine code for its own command: with a contract or without, by a live database or by a private one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import AUDITS
from sessionaudit.audits.code.audit import NAME, outcome_of
from sessionaudit.audits.code.examination import examine_code
from sessionaudit.audits.code.lacking import LackingDatabase
from sessionaudit.audits.code.live import judging
from sessionaudit.audits.code.reading import suffixes
from sessionaudit.audits.code.tree import file_ref
from sessionaudit.audits.selection import Selection, judged, refuse_slips
from sessionaudit.audits.unsaid import with_unsaid
from sessionaudit.contract.code import DeclaredCode
from sessionaudit.contract.loader import load
from sessionaudit.contract.model import Contract
from sessionaudit.core.finding import Location
from sessionaudit.core.node import Scalar, Source
from sessionaudit.core.report import Report
from sessionaudit.core.streams import base_of
from sessionaudit.errors import UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.connection import describe
from sessionaudit.rulebook import audit_of, find

if TYPE_CHECKING:
    from sessionaudit.audits.code.examination import CodeExamination
    from sessionaudit.core.finding import Skipped
    from sessionaudit.postgres.connection import Connection

_OPTION = "PATH"
_OTHER_AUDITS = "`sessionaudit check` examines the schema and the rows."
_NO_SECTION = "Add it (code: {paths: [src]}), or name the paths: `sessionaudit scan src`."


class CodePlace(NamedTuple):
    """The contract, and what the options say in the place of its section; empty where they say nothing.

    It need not be there where it is only the `usual` one.
    """

    contract: Path
    usual: bool = False
    paths: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    tests: bool = False
    schemas: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What the options say, word by word."""
        tests = ("--include-tests",) if self.tests else ()
        others = (*(f"--exclude {one}" for one in self.exclude), *(f"--schema {one}" for one in self.schemas))
        return (*map(str, self.paths), *others, *tests)


class CodePart(NamedTuple):
    """What of it is reported; empty for all."""

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class CodeJudge(NamedTuple):
    """A database to judge by: the live one, or a private one, which is called so; it may be only `partial`.

    `unmade` is what of a private one could not be made: what the code says of that cannot be judged, which are the
    names in `unmade_texts`.
    """

    connection: Connection
    called: str = ""
    partial: bool = False
    unmade: tuple[Skipped, ...] = ()
    unmade_texts: tuple[str, ...] = ()


class CodeReport(Struct, frozen=True, kw_only=True):
    """The report, and all that was found."""

    report: Report
    examined: CodeExamination


def contract_of(place: CodePlace, asked: CodePart) -> Contract:
    """Return the contract with what the options say of the code; without one, what the options say alone.

    Raises ContractError and UsageError.
    """
    refuse_slips((*asked.only, *asked.ignore))
    if not place.paths:
        contract = load(place.contract)
        if contract.code is None:
            raise UsageError(f"{place.contract} has no section “code”", hint=_NO_SECTION)
        return replace(contract, code=replace(contract.code, **_said(place)))
    if place.usual and not place.contract.exists():
        return without_contract(place)
    return _with(load(place.contract), place)


def without_contract(place: CodePlace) -> Contract:
    """Return what the options say alone. Raises UsageError."""
    return _with(_bare(), place)


def _said(place: CodePlace) -> dict[str, Any]:
    named = (("exclude", place.exclude), ("tests", place.tests), ("schemas", place.schemas))
    return {name: value for name, value in named if value}


def _with(contract: Contract, place: CodePlace) -> Contract:
    location = Location(_OPTION, 0)
    paths = tuple(_shown(path, contract.file) for path in place.paths)
    before = contract.code or DeclaredCode(location=location, paths=())
    return replace(contract, code=replace(before, paths=paths, location=location, **_said(place)))


def _of_another_audit(word: str) -> bool:
    rule = find(word)
    return word in {*AUDITS} - {NAME} or (rule is not None and audit_of(rule) not in {NAME, None})


def _shown(path: Path, file: str) -> Scalar:
    """A path as the section would have it: as seen from the directory of the contract."""
    if not path.exists():
        raise UsageError(f"{path} does not exist", hint="Name a directory or a file of source code.")
    if path.is_file() and path.suffix not in suffixes():
        known = ", ".join(sorted(suffixes()))
        raise UsageError(f"{path} is no source code that is read", hint=f"Read are files whose names end in {known}.")
    said = Scalar(os.path.relpath(path, base_of(Path(file))))
    said.source, said.line, said.column, said.style = Source(_OPTION, ""), 0, 0, ""
    return said


def _bare() -> Contract:
    return Contract(
        file="", sources=(), schema="public", objects={kind.name: {} for kind in KINDS}, rules={}, waivers=()
    )


def report_code(contract: Contract, by: CodeJudge, asked: CodePart, *, timeout: float) -> CodeReport:
    """Examine the code that a contract names. Raises UsageError, ContractError and DatabaseError."""
    if contract.code is None:
        raise AssertionError(contract)
    lacks = LackingDatabase(by.partial, by.unmade_texts)
    judge = judging(by.connection, contract, contract.code, timeout=timeout, lacks=lacks)
    examined = examine_code(contract, judge)
    selection = Selection(only=asked.only, ignore=asked.ignore, schema=contract.schema)
    if NAME in asked.ignore or (asked.only and all(map(_of_another_audit, asked.only))):
        raise UsageError("--only and --ignore leave nothing of the code", hint=_OTHER_AUDITS)
    if not selection.everything:
        files = (file_ref(one.shown) for one in examined.tree.files)
        selection.require((*files, *(finding.ref for finding in examined.findings)))
    found = tuple(replace(finding, audit=NAME) for finding in examined.findings)
    findings, waived = judged(found, contract, selection, dt.datetime.now(tz=dt.UTC).date())
    shown = (*findings, *(finding for finding, _ in waived))
    outcome = with_unsaid(replace(outcome_of(examined), findings=found), contract, selection, shown)
    report = Report(
        database=None if by.called else describe(by.connection),
        contract=by.called or contract.file,
        findings=findings,
        waived=waived,
        outcomes=(replace(outcome, skipped=(*by.unmade, *outcome.skipped)),),
        filtered=not selection.everything,
        selected=selection.words,
    )
    return CodeReport(report=report, examined=examined)
