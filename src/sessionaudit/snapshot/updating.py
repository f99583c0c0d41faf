"""Makes a contract say what the database has, where it says something else, and touches nothing else of it.

What differs is what `check` would report: the contract is held against the database, each finding that can be taken
over changes what stands for its object, and that is repeated until nothing more is found.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits import AUDITS, evaluation
from sessionaudit.audits.audit import Options, Read
from sessionaudit.audits.schema.spellings import own_names
from sessionaudit.audits.selection import Selection
from sessionaudit.contract.loader import outline
from sessionaudit.core.ref import ObjectRef
from sessionaudit.errors import ContractError, UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.rulebook import NO_SCHEMA
from sessionaudit.snapshot import taking
from sessionaudit.snapshot.accepting import not_alone, require_all, require_no_other
from sessionaudit.snapshot.draft import Draft
from sessionaudit.snapshot.editing import rewritten
from sessionaudit.snapshot.taking import SnapshotOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.snapshot.accepting import AcceptedFinding

    Objects = Mapping[str, Mapping[ObjectPath, object]]
    Takes = Callable[[Finding], bool]

# A finding is taken over as it is told; if it is found still, by what the contract would say of the whole object, in
# the shorter and in the longer way. What is found of an object that was not looked at before comes on top.
_MOST_ROUNDS = 8
_KINDS = {kind.name: kind for kind in KINDS}


class UpdateOptions(Struct, frozen=True, kw_only=True):
    """What a call asks for: the schema snapshot for `all_`, rules or globs over objects in `only`."""

    snapshot: SnapshotOptions
    only: tuple[str, ...] = ()
    all_: bool = False


class Updated(Struct, frozen=True, kw_only=True):
    """The texts of a contract by their files, before and after, and the findings that no text takes away.

    `needed` are those of them on objects that the checklist names, which stay in the contract.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    left: tuple[Finding, ...] = ()
    needed: tuple[Finding, ...] = ()
    skipped: bool = False

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that are to be written."""
        return tuple(file for file, text in self.after.items() if self.before[file] != text)


def updated(connection: Connection, source: str, file: str, asked: UpdateOptions) -> Updated:
    """The contract `file`, whose text is `source`, as the database is. Raises SessionAuditError; writes nothing."""
    options = Options(without=AUDITS[1:], statement_timeout=asked.snapshot.statement_timeout)
    return _Updating(connection, source, file, options).run(asked)


def accepted(
    connection: Connection, source: str, file: str, findings: Sequence[AcceptedFinding], options: Options
) -> Updated:
    """The same for some findings alone, with the limits of `options`."""
    asked = Options(without=AUDITS[1:], read_only=options.read_only, statement_timeout=options.statement_timeout)
    return _Updating(connection, source, file, asked).accept(findings)


class _Updating:
    def __init__(self, connection: Connection, source: str, file: str, options: Options) -> None:
        self._connection, self._file = connection, file
        self._texts = {file: source}
        self._before: dict[str, str] = {}
        self._options = options
        self._own_names = own_names(connection)
        self._tried: dict[ObjectRef, int] = {}
        self._added: set[ObjectRef] = set()
        self._single = False

    def accept(self, findings: Sequence[AcceptedFinding]) -> Updated:
        """Take over these findings, each of which there must be."""
        self._single = True
        examination = self._examined()
        schema = examination.contract.schema
        require_all(findings, examination.report.findings, schema)
        try:
            result = self.rounds(lambda finding: any(one.takes(finding, schema) for one in findings), examination)
            after = self._examined() if result.changed else examination
        except ContractError as error:  # what it would be: no file has the place
            raise not_alone(error.message) from None
        require_no_other(findings, examination.report, after.report, schema)
        return result

    def run(self, asked: UpdateOptions) -> Updated:
        """Take over what was asked for."""
        examination = self._examined()
        selection = Selection(only=asked.only, ignore=(), schema=examination.contract.schema)
        contract, actual = examination.contract.objects, examination.actual.objects
        selection.require(
            ObjectRef(kind, path) for side in (contract, actual) for kind, paths in side.items() for path in paths
        )
        if asked.all_:
            self._add_all(examination, asked.snapshot)
        return self.rounds(selection.takes, None if asked.all_ else examination)

    def rounds(self, takes: Takes, examination: Examination | None = None) -> Updated:
        """Take over findings until no more can be."""
        for _ in range(_MOST_ROUNDS):
            examination = examination or self._examined()
            found = [one for one in examination.report.findings if takes(one) or one.ref in self._added]
            texts = self._round(examination, found) if found else self._texts
            if texts == self._texts:
                break
            self._texts, examination = texts, None
        else:
            examination = self._examined()
            found = [one for one in examination.report.findings if takes(one)]
        left = tuple(one for one in found if one.ref.kind in _KINDS)
        skipped = bool(examination.report.unchecked) if examination else False
        needed = tuple(one for one in left if examination and _is_needed(one, examination.contract))
        return Updated(before=self._before, after=self._texts, left=left, needed=needed, skipped=skipped)

    def _examined(self) -> Examination:
        outlined = outline(self._texts[self._file], self._file, self._texts)
        if not self._before:
            self._texts = self._before = {file: text for file, text, _ in outlined.sources}
        actual = catalog.read(self._connection, lambda: outlined, statement_timeout=self._options.statement_timeout)
        return evaluation.held(outlined, Read(self._connection, actual), self._options)

    def _round(self, examination: Examination, found: list[Finding]) -> dict[str, str]:
        draft = self._draft(examination)
        for finding in found:
            if finding.rule is NO_SCHEMA and finding.ref.path not in examination.contract.objects[finding.ref.kind]:
                raise UsageError(
                    finding.message.split(" Is this")[0].rstrip(),
                    hint="Is this the right database? If so, remove what the contract names in the schema.",
                )
            if finding.ref.kind not in _KINDS or _is_needed(finding, examination.contract):
                continue
            key = ObjectRef(f"{finding.ref.kind} {finding.facet}", finding.ref.path)
            attempt = self._tried.get(key, 0)
            self._tried[key] = attempt + 1
            draft.take(finding, attempt)
        return self._rewritten(draft)

    def _draft(self, examination: Examination) -> Draft:
        whole = partial(self._whole, examination.contract.schema)
        return Draft(examination, self._own_names, whole, self._added, single=self._single)

    def _rewritten(self, draft: Draft) -> dict[str, str]:
        texts = self._texts.items()
        return {file: rewritten(text, draft.data[file], file, draft.renamed_in(file)) for file, text in texts}

    def _whole(self, schema: str, ref: ObjectRef) -> Objects:
        """An object with all that is in it or on it."""
        schemas = ref.path[:1] if "schema" in _KINDS[ref.kind].path or _KINDS[ref.kind].is_relation else (schema,)
        asked = SnapshotOptions(schemas=schemas, only=(ref.dotted,), statement_timeout=self._options.statement_timeout)
        return taking.take(self._connection, asked).stated

    def _add_all(self, examination: Examination, asked: SnapshotOptions) -> None:
        draft = self._draft(examination)
        draft.add_all(taking.take(self._connection, asked).stated)
        self._texts = self._rewritten(draft)


def _is_needed(finding: Finding, contract: Contract) -> bool:
    """Whether a checklist names what would be taken out of the contract, or renamed, or something in or on that."""
    subject, path = finding.subject, finding.ref.path
    if not contract.checklist or finding.facet not in {"", "name"} or subject is None:
        return False
    if subject.expected is None or (subject.actual is not None and subject.found is None):
        return False
    refs = (ref for point in contract.checklist for proof in point.proofs for ref in proof.refs)
    return any(ref.path[: len(path)] == path for ref in refs)
