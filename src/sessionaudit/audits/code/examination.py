"""Examine the code that a contract names: read it, have its requests judged, and look at what becomes of failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits.code.fates import Importance, of_fates
from sessionaudit.audits.code.findings_of import findings_of
from sessionaudit.audits.code.reading import ReadCode, read_code, suffixes
from sessionaudit.audits.code.secret_texts import masked
from sessionaudit.audits.code.suppressing import suppressed
from sessionaudit.audits.code.tree import file_ref, source_tree
from sessionaudit.contract.code import paths_of
from sessionaudit.core.finding import Skipped
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import SessionAuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sessionaudit.audits.code.model import CodeFile, CodeRequest, CodeStatement, Span
    from sessionaudit.audits.code.tree import SourceTree
    from sessionaudit.audits.code.verdict import CodeVerdict, Judgement
    from sessionaudit.contract.code import DeclaredCode
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.ref import ObjectRef

    Judge = Callable[[Sequence[CodeRequest], Sequence[CodeStatement]], Judgement]


class CodeExamination(Struct, frozen=True, kw_only=True):
    """What was found in the code: `calls` requests and statements, of which `proven` are right in all that was judged.

    Of `faulty` ones something is wrong. `undecided` are the parts of which something cannot be known from the text.
    `failures` are the requests of whose failure nobody hears, and `suppressed` the findings that a comment suppresses.
    """

    tree: SourceTree
    read: ReadCode
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    undecided: tuple[Skipped, ...]
    calls: int
    proven: int
    faulty: int
    failures: int
    suppressed: int
    silenced: Mapping[Rule, Sequence[str]]
    notes: tuple[str, ...] = ()

    def files(self) -> Iterator[ObjectRef]:
        """Return the references of the files that were read."""
        unread = {ref for one in self.read.skipped for ref in one.about}
        return (ref for one in self.tree.files if (ref := file_ref(one.shown)) not in unread)


def examine_code(contract: Contract, judge: Judge) -> CodeExamination:
    """Examine the code that a contract names. Raises ContractError and what the judge raises."""
    declared = contract.code
    if declared is None:
        raise AssertionError(contract)
    roots = paths_of(contract.file, declared)
    with UNDERWAY.doing("looking for calls in code"):
        tree = source_tree(roots, suffixes(), declared.exclude, tests=declared.tests)
        read = read_code(tree, roots)
    requests = [request for file in read.files for request in file.requests]
    statements = [statement for file in read.files for statement in file.statements]
    with UNDERWAY.doing(f"judging {len(requests) + len(statements):,} calls"):
        judgement = judge(requests, statements)
    importance = _importance(contract, declared)
    unheard = [
        replace(one, sql=one.sql or judgement.sql.get(id(one.subject), ""))
        for one in of_fates(requests, judgement.verdicts, importance, read.fates)
    ]
    found: list[CodeVerdict] = [*judgement.verdicts, *unheard]
    left, count = _unsuppressed(read.files, found, judgement.unjudged)
    lines = _Lines(tree)
    unread = [one for file in read.files for one in file.unread]
    undecided = [_undecided(one.at, masked(f"{place(one.at)} {one.what}"), str(one.why)) for one in unread]
    undecided += [_undecided(one.at, place(one.at), masked(one.why), masked(one.sql)) for one in judgement.not_judged]
    return CodeExamination(
        tree=tree,
        read=read,
        findings=tuple(findings_of(left, contract, importance.schema, lines.at)),
        skipped=(*tree.skipped, *read.skipped, *judgement.skipped),
        undecided=tuple(undecided),
        calls=len(requests) + len(statements) + len(unread),
        proven=judgement.proven,
        faulty=len({id(one.subject) for one in judgement.verdicts}),
        failures=len(unheard),
        suppressed=count,
        silenced=_silenced(found, left),
        notes=judgement.notes,
    )


def _undecided(at: Span, what: str, why: str, statement: str = "") -> Skipped:
    return Skipped(what, why, statement=statement, about=(file_ref(at.file),))


def files_of(contract: Contract) -> Iterator[ObjectRef]:
    """Return the references of the files that are read; none where the paths are wrong, which is told elsewhere."""
    declared = contract.code
    if declared is None:
        return
    try:
        roots = paths_of(contract.file, declared)
    except SessionAuditError:
        return
    tree = source_tree(roots, suffixes(), declared.exclude, tests=declared.tests)
    yield from (file_ref(one.shown) for one in tree.files)


def place(at: Span) -> str:
    """Return a place of the code as people are told of it."""
    return f"{at.file}:{at.line}:{at.column}"


def _importance(contract: Contract, declared: DeclaredCode) -> Importance:
    return Importance(
        schema=declared.schemas[0] if declared.schemas else contract.schema,
        critical=frozenset(one.has.path for one in contract.invariants if one.has),
        best_effort=declared.best_effort,
    )


def _unsuppressed(
    files: Sequence[CodeFile], found: Sequence[CodeVerdict], unjudged: frozenset[Rule]
) -> tuple[list[CodeVerdict], int]:
    by: dict[str, list[CodeVerdict]] = {}
    for one in found:
        by.setdefault(one.at.file, []).append(one)
    left: list[CodeVerdict] = []
    count = 0
    for file in files:
        kept, number = suppressed(file, by.pop(file.path, []), unjudged)
        left += kept
        count += number
    return [*left, *(one for several in by.values() for one in several)], count


def _silenced(found: Sequence[CodeVerdict], left: Sequence[CodeVerdict]) -> Mapping[Rule, Sequence[str]]:
    """Return the files of what comments suppress, by rule."""
    kept = set(map(id, left))
    silenced: dict[Rule, list[str]] = {}
    for one in found:
        if id(one) not in kept:
            silenced.setdefault(one.rule, []).append(one.at.file)
    return silenced


class _Lines:
    """The lines of files, each read again when it is first asked for: few have findings."""

    def __init__(self, tree: SourceTree) -> None:
        self._paths: dict[str, Path] = {one.shown: one.path for one in tree.files}
        self._lines: dict[str, list[str]] = {}
        self._masked: dict[tuple[str, int], str] = {}

    def at(self, span: Span) -> str:
        """Return the text of the line where a span begins."""
        if span.file not in self._lines:
            path = self._paths.get(span.file)
            text = path.read_text(encoding="utf-8", errors="replace") if path else ""
            self._lines[span.file] = text.split("\n")
        lines = self._lines[span.file]
        if span.line > len(lines):
            return ""
        place = (span.file, span.line)
        if place not in self._masked:
            self._masked[place] = masked(lines[span.line - 1].rstrip("\r"))
        return self._masked[place]
