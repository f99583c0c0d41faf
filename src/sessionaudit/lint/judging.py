"""Have a private server judge the SQL of a contract: it is made into a database there, and audited by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import evaluation, runner
from sessionaudit.audits.audit import Needs, Options
from sessionaudit.contract.mentions import named, words
from sessionaudit.contract.repairs import text_of
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Location, Skipped
from sessionaudit.core.kind import beside
from sessionaudit.core.place import line_and_column
from sessionaudit.core.query import numbered
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.streams import base_of
from sessionaudit.errors import ContractError
from sessionaudit.kinds import HOLDING
from sessionaudit.kinds.lint_rules import UNDECLARED_PART
from sessionaudit.lint import bodies
from sessionaudit.lint.checks.files import repairs_of
from sessionaudit.lint.finding_of import NAME, of_file, of_object
from sessionaudit.lint.stating import BY_NAME
from sessionaudit.lint.texts import texts_of
from sessionaudit.postgres.connection import closing, connect
from sessionaudit.postgres.parse import parse_all
from sessionaudit.private.contract_database import contract_database
from sessionaudit.rulebook import REFUSED
from sessionaudit.sql.text import quoted, sent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar
    from sessionaudit.lint.stating import StatedContract
    from sessionaudit.postgres.connection import Connection
    from sessionaudit.private.contract_database import UnmadeObject

# Of a name, or of a key that a foreign key references: the database may have both.
_OF_NAMES = sqlstate.UNDEFINED | {sqlstate.INVALID_SCHEMA_NAME, sqlstate.INVALID_FOREIGN_KEY}
_NEWEST = 18  # the newest version whose statements a contract may have
_OF_GRAMMAR = {sqlstate.SYNTAX_ERROR, sqlstate.INVALID_PARAMETER_VALUE, sqlstate.FEATURE_NOT_SUPPORTED}
_RELATIONS = beside(__file__, "relations.sql")
_OF_TEXT = (sqlstate.DATA_EXCEPTION, sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION)
_OPERATOR = "operator does not exist"  # there is none for these types: of a name the contract could not declare
_INTERNAL = "internal"  # a type that only superusers can use
_UNMADE = "what it stands on could not be made in the private server"
_UNTYPED = {sqlstate.INDETERMINATE_DATATYPE, sqlstate.AMBIGUOUS_PARAMETER}  # of the keys, whose type a table tells


class ServerJudgement(Struct, frozen=True, kw_only=True):
    """What the server rejects, what of the SQL it could not judge, and `server`: which one it is, as a sentence."""

    server: str
    findings: tuple[Finding, ...]
    undecided: tuple[Skipped, ...]


def judged_by_server(stated: StatedContract) -> ServerJudgement:
    """Judge the SQL of a contract. Raises DatabaseError where there are no programs of PostgreSQL."""
    file = stated.contract.file
    with contract_database(Path(file)) as made:
        examinations, refused = _examined(made.url, Path(file))
        with closing(connect(made.url)) as connection:
            refused += [*_repairs(connection, stated), *bodies.refused(connection, stated)]
            others = _others(connection, stated)
            version = connection.info.server_version // 10000
            server = f"The SQL was judged by a private server, PostgreSQL {_version(connection)}."
    found = [one for examined in examinations for one in examined.found if one.rule is REFUSED] + refused
    told = {one.ref for one in found}
    failures = [one for one in made.failed if stated.declares(one.ref)]  # a schema may be made as a name alone has it
    found += [_failed(stated, one) for one in failures if one.ref not in told and _is_of_text(one)]
    decided = [_judged(stated, one, others, version) for one in found]
    findings = tuple(one for one in decided if not isinstance(one, Skipped))
    unknown = tuple(one for one in decided if isinstance(one, Skipped))
    told = {one.ref for one in found}
    failed = tuple(
        Skipped(one.what, f"the private server could not make the {one.what}: {one.reason}", about=one.about)
        for one in made.unmade
        if one.about and not told.intersection(one.about)
    )
    told.update(ref for one in failed for ref in one.about)
    unmade = (
        Skipped(str(ref), _UNMADE, about=(ref,))
        for ref in dict.fromkeys((*(one for _, one, _ in stated.objects()), *(one for one, _ in texts_of(stated))))
        if ref not in told and _unmade(examinations, ref)
    )
    return ServerJudgement(server=server, findings=findings, undecided=(*unknown, *failed, *unmade))


def _version(connection: Connection) -> str:
    """Return the version without what a distribution adds to it, such as 18.1."""
    return (connection.info.parameter_status("server_version") or "").split(" ")[0]


def _examined(url: str, contract: Path) -> tuple[list[Examination], list[Finding]]:
    """Audit the database by the contract, with each audit by itself, as what one finds would explain another's errors.

    Return also what keeps one of them from beginning.
    """
    every = evaluation.audits()
    examinations: list[Examination] = []
    refused: list[Finding] = []
    for audit in (one for one in every if one.needs is Needs.DATABASE):
        others = tuple(one.name for one in every if one is not audit)
        try:
            examinations.append(runner.examine(url, contract, Options(without=others)))
        except ContractError as error:
            message = f"{error.message[0].upper()}{error.message[1:].rstrip('.')}."
            refused.append(replace(of_file(REFUSED, str(contract), message, error.location), state=error.state))
    return examinations, refused


def _repairs(connection: Connection, stated: StatedContract) -> Iterator[Finding]:
    contract = stated.contract
    connection.execute(sent(f"set search_path to {quoted(contract.schema)}, public, extensions"))
    for name in repairs_of(contract):
        try:
            text = text_of(contract.file, name)
        except ContractError:  # which is found without a server
            continue
        with connection.transaction():
            (refusal,) = parse_all(connection, [numbered(text)])
        if refusal is None or refusal.state in _UNTYPED:
            continue
        place = _place(contract.file, name, numbered(text), refusal.position)
        message = f"PostgreSQL rejects the repair {name}: {refusal.message}."
        yield replace(of_file(REFUSED, str(name), message, place), state=refusal.state)


def _place(contract: str, name: Scalar, text: str, position: int) -> Location:
    """Return the line of the repair file; the column is another one behind the parameter."""
    file = str(base_of(Path(contract)) / name)
    return Location(file, line_and_column(text, position - 1)[0] if position else 0)


def _is_of_text(failed: UnmadeObject) -> bool:
    others = {*_OF_NAMES, sqlstate.INSUFFICIENT_PRIVILEGE}
    return failed.state.startswith(_OF_TEXT) and failed.state not in others


def _failed(stated: StatedContract, failed: UnmadeObject) -> Finding:
    """Return the finding on an object that the server rejects only where all that it stands on is there."""
    ref = failed.ref
    entry = stated.contract.objects[ref.kind][ref.path]
    said = f"PostgreSQL rejects the {ref} as the contract states it: {failed.message}."
    shown = BY_NAME[ref.kind].show(entry.value)
    return replace(of_object(REFUSED, ref, entry, said, expected=shown), state=failed.state)


def _others(connection: Connection, stated: StatedContract) -> frozenset[ObjectPath]:
    """Return the relations of the platform that the contract does not declare, of which the server has only a part."""
    rows: list[tuple[str, str]] = connection.execute(sent(_RELATIONS)).fetchall()
    return frozenset(rows).difference(stated.contract.relations)


def _judged(
    stated: StatedContract, finding: Finding, others: Collection[ObjectPath], version: int
) -> Finding | Skipped:
    """Return what a rejection proves: the contract is partial, so that a name may be one that it does not declare."""
    own = replace(finding, audit=NAME)
    if version < _NEWEST and finding.state in _OF_GRAMMAR:
        reason = f"PostgreSQL {version} rejects it, and PostgreSQL {_NEWEST} may not: {finding.message.rstrip('.')}"
        hint = "Install sessionaudit[demo], which brings the newest PostgreSQL along."
        return Skipped(str(finding.ref), reason, hint, about=(finding.ref,))
    if finding.state == sqlstate.INVALID_FUNCTION_DEFINITION and _INTERNAL in finding.message:
        return Skipped(str(finding.ref), f"{finding.ref} can be made by a superuser only", about=(finding.ref,))
    if finding.state not in _OF_NAMES or _OPERATOR in finding.message:
        return own
    if finding.state == sqlstate.UNDEFINED_COLUMN and _lists_all(stated, finding.ref, others):
        severity = UNDECLARED_PART.severity
        return replace(own, rule=UNDECLARED_PART, severity=severity)
    said = finding.message.partition(": ")[2] or finding.message
    reason = f"{finding.ref} names what the contract does not declare: {said.rstrip('.')}"
    return Skipped(str(finding.ref), reason, about=(finding.ref,))


def _lists_all(stated: StatedContract, ref: ObjectRef, others: Collection[ObjectPath]) -> bool:
    """Whether the contract lists the columns of its own relation and of all that an object's SQL may name."""
    text = dict(texts_of(stated)).get(ref, "")
    spoken = {*words(text)}
    if any(spoken.issuperset(path) for path in others):
        return False
    kind = BY_NAME.get(ref.kind)
    paths = named(text, stated.contract)
    paths |= {ref.path[:2]} if kind and kind.within else set[tuple[str, ...]]()
    relations = [ObjectRef(kind.name, path) for kind in HOLDING for path in paths]
    return all(stated.lists(one) for one in relations if stated.declares(one))


def _unmade(examinations: Sequence[Examination], ref: ObjectRef) -> bool:
    """Whether the server has not judged something, because it is not there or needs what is not."""
    kind = BY_NAME.get(ref.kind)
    if kind is not None:
        known = (one.actual.objects[kind.name] for one in examinations if kind.name in one.actual.objects)
        return not kind.aside and not all(ref.path in paths for paths in known)
    return any(ref in skipped.about for one in examinations for skipped in one.report.skipped)
