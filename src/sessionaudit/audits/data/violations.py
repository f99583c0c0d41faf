"""Audit the invariants: count the rows that violate each, and check whether an index supports the query."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psycopg
from msgspec import Struct, field

from sessionaudit.audits.data import index_probe, prerequisites, queries
from sessionaudit.audits.data.catalogs import closed, tables
from sessionaudit.audits.data.rules import BROKEN, ORPHANED, UNINDEXED
from sessionaudit.audits.data.transaction import transaction
from sessionaudit.contract.mentions import named
from sessionaudit.contract.repairs import text_of
from sessionaudit.core import sqlstate
from sessionaudit.core.finding import Finding, Skipped
from sessionaudit.core.place import where
from sessionaudit.core.printed_commands import CALLING, PARTS
from sessionaudit.core.query import Query
from sessionaudit.core.ref import dotted
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.errors import ContractError, UnfitError
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.postgres import contract_sql
from sessionaudit.postgres.connection import broken as broken_connection
from sessionaudit.postgres.connection import told, told_of_reading
from sessionaudit.rulebook import NO_SCHEMA, REFUSED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from sessionaudit.audits.data.queries import CatalogTable
    from sessionaudit.contract.invariants import AliasedTable, Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.postgres.connection import Connection

# Errors for SQL that cannot run at all: a mistake, or a name of something that does not exist.
_SLIPS = sqlstate.UNDEFINED | {
    *(sqlstate.SYNTAX_ERROR, sqlstate.AMBIGUOUS_COLUMN, sqlstate.INVALID_COLUMN_REFERENCE),
    *(sqlstate.DATATYPE_MISMATCH, sqlstate.CANNOT_COERCE, sqlstate.GROUPING_ERROR),
    *(sqlstate.AMBIGUOUS_FUNCTION, sqlstate.INVALID_SCHEMA_NAME),
}
# Errors for a name without a schema; PostgreSQL raises them also if the role has no USAGE on the schema.
_NOT_SEEN = {sqlstate.UNDEFINED_TABLE, sqlstate.UNDEFINED_FUNCTION, sqlstate.UNDEFINED_OBJECT}
HINT_OF_RIGHTS = "Grant it SELECT on the tables; where they have row security, use a role that bypasses it."
_PROOF_TIMEOUT = 30.0  # seconds; nothing is run
_NOT_A_VALUE = sqlstate.INVALID_TEXT_REPRESENTATION  # of an enum, when the statement is analysed


class InvariantResults(Struct):
    """The results for the rows: findings, what could not be counted, how many invariants were counted, and plans.

    `backfillable` are the invariants with a repair that can run. `unfit` says that some need a repair of the schema
    first, `hindered` which findings on it those wait for, by fingerprint. `examined` are those of which all is known.
    """

    findings: list[Finding] = field(default_factory=list["Finding"])
    skipped: list[Skipped] = field(default_factory=list["Skipped"])
    counted: int = 0
    plans: dict[str, str] = field(default_factory=dict)
    backfillable: list[str] = field(default_factory=list[str])
    unfit: bool = False
    hindered: dict[ObjectRef, tuple[str, ...]] = field(default_factory=dict["ObjectRef", tuple[str, ...]])
    examined: list[ObjectRef] = field(default_factory=list["ObjectRef"])


def audit(
    connection: Connection,
    contract: Contract,
    wanted: Sequence[Invariant],
    found: Iterable[Finding],
    *,
    timeout: float,
    explain: bool = False,
    trying: bool = False,
) -> InvariantResults:
    """Count the rows that violate each of the `wanted` invariants, each in its own read-only transaction.

    With `trying` the queries are only explained, for which the server asks for the same rights. `found` are the
    findings of the schema audit, which explain why an invariant cannot be counted. `timeout` is in seconds, for each
    invariant. If an invariant's SQL is wrong and the schema does not explain it, that is a finding about the contract.
    Raises ContractError if an invariant has ended its transaction, and DatabaseError if the connection fails.
    """
    result = InvariantResults()
    findings = list(found)
    try:
        known = tables(connection, _paths(wanted))
    except psycopg.Error as error:
        raise broken_connection(error, "looking for the tables of the invariants") from None
    counts: list[tuple[Invariant, Query]] = []
    for invariant in wanted:
        with _each(connection, invariant, result):
            table = lacking(invariant, contract, known, findings)
            if isinstance(table, Skipped):
                result.skipped.append(table)
            else:
                counts.append((invariant, queries.count(invariant, table)))
                if invariant.repair is not None and table.single and not _unread(invariant, contract):
                    result.backfillable.append(invariant.name)
    # All at once, in one round trip; after an error each one is checked in its turn.
    with contextlib.suppress(ContractError):
        _prove(connection, contract, [asked for _, asked in counts])
    with UNDERWAY.doing("counting broken rows", len(counts)) as counting:
        for invariant, asked in counting.over(counts):
            with _each(connection, invariant, result):
                try:
                    with transaction(connection, contract.schema, timeout=timeout):
                        if trying:
                            contract_sql.ask(connection, Query("explain ").include(asked))
                            continue
                        _ask(connection, contract, invariant, asked, result, findings, explain=explain)
                except psycopg.Error as error:
                    result.skipped.append(refused(connection, error, asked, invariant, contract, findings))
    result.unfit |= any(one.hint == _repair_first() for one in result.skipped)
    return result


@contextlib.contextmanager
def _each(connection: Connection, invariant: Invariant, result: InvariantResults) -> Generator[None]:
    """Turn an error of one invariant into a finding, so that the others are still counted."""
    try:
        yield
    except ContractError as error:
        if connection.closed:
            raise
        result.findings.append(_slip(invariant, error))


def _prove(connection: Connection, contract: Contract, asked: Sequence[Query]) -> None:
    try:
        with transaction(connection, contract.schema, timeout=_PROOF_TIMEOUT):
            contract_sql.prove(connection, [part for one in asked for part in one.parts])
    except psycopg.Error as error:
        raise broken_connection(error, "reading the SQL of the invariants") from None


def _paths(wanted: Iterable[Invariant]) -> Iterable[ObjectPath]:
    for invariant in wanted:
        yield invariant.each.path
        if invariant.has is not None:
            yield invariant.has.path


def lacking(
    invariant: Invariant, contract: Contract, known: dict[ObjectPath, CatalogTable], found: Sequence[Finding]
) -> CatalogTable | Skipped:
    """Return an invariant's table, or why it cannot be counted. Raises ContractError if the contract is wrong."""
    for rows in (invariant.each, invariant.has):
        if rows is not None and rows.path not in known:
            reason = explanation(invariant, contract, found)
            if reason is None:
                raise ContractError(
                    f"the table {dotted(rows.path)} of the invariant {invariant.name} does not exist",
                    location=where(rows.node),
                    state=sqlstate.UNDEFINED_TABLE,
                    hint="If it should exist, declare it under tables:.",
                )
            return invariant.unchecked(reason.message, _repair_first(), reason.ref)
    table = known[invariant.each.path]
    each = where(invariant.each.node)
    if not table.key:
        if reason := explanation(invariant, contract, found):
            return invariant.unchecked(reason.message, _repair_first(), reason.ref)
        said = f"{dotted(invariant.each.path)} has no primary key to identify rows"
        raise ContractError(said, location=each, state=sqlstate.UNDEFINED_OBJECT)
    if invariant.older_than is not None and queries.since(invariant, table) is None:
        raise ContractError(
            f"{dotted(invariant.each.path)} has no column created_at, which “older_than” needs",
            location=each,
            state=sqlstate.UNDEFINED_COLUMN,
            hint="State when a row was created: since: EXPRESSION.",
        )
    return table


def _ask(
    connection: Connection,
    contract: Contract,
    invariant: Invariant,
    asked: Query,
    result: InvariantResults,
    found: Sequence[Finding],
    *,
    explain: bool,
) -> None:
    row = contract_sql.ask(connection, asked).fetchone()
    if explain:  # afterwards, so that the position of an error refers to the query itself
        plan = contract_sql.ask(connection, Query("explain ").include(asked)).fetchall()
        result.plans[invariant.name] = "\n".join(row[0] for row in plan)
    number, sample, strays = row or (0, None, 0)
    if number:
        cure = _cure(invariant, number, contract, result, found)
        result.findings.append(_finding(invariant, number, sample or [], cure))
    if strays:
        result.skipped.append(_strayed(invariant, strays))
    else:
        result.examined.append(invariant.ref)
    advice = index_probe.advice(connection, invariant)
    if advice is not None:
        result.findings.append(_note(invariant, advice))
    result.counted += 1


def _strayed(invariant: Invariant, number: int) -> Skipped:
    values = "1 value that is not a" if number == 1 else f"{number:,} values that are not a"
    return invariant.unchecked(
        f"its “violations” returned {values} primary key of {dotted(invariant.each.path)}",
        "It must return the primary keys of the rows that violate the invariant, without nulls.",
    )


def _unread(invariant: Invariant, contract: Contract) -> str:
    """Return why the repair of an invariant cannot be read; "" if it can."""
    for file in (invariant.repair, invariant.supersede):
        try:
            if file is not None:
                text_of(contract.file, file)
        except ContractError as error:
            return error.message
    return ""


def _cure(
    invariant: Invariant, number: int, contract: Contract, result: InvariantResults, found: Sequence[Finding]
) -> str:
    """Return what can be done about the rows, in a sentence."""
    them = "it" if number == 1 else "them"
    if invariant.repair is None:
        return "It has no repair: a person must decide."
    if invariant.name in result.backfillable:
        try:
            prerequisites.require(contract, (invariant,), found, ())
        except UnfitError as error:
            result.backfillable.remove(invariant.name)
            result.unfit |= error.solved_by_repair
            result.hindered[invariant.ref] = error.differing
            hint = _repair_first() if error.solved_by_repair else error.hint
            return f"Its repair needs a schema that differs from the contract. {hint}"
        return f"To repair {them}: `{CALLING.line('backfill', '--all', '--invariant', invariant.name, without=PARTS)}`."
    if why := _unread(invariant, contract):
        return f"A person must decide about {them}: {why}."
    return f"A person must decide about {them}: backfill needs a primary key of one column."


def _repair_first() -> str:
    return f"Run `{CALLING.line('repair', without=PARTS)}`."


def _finding(invariant: Invariant, number: int, sample: Sequence[str], cure: str) -> Finding:
    rows = f"{number:,} row{'s' if number > 1 else ''}"
    shown = ", ".join(sorted(sample)) + (", …" if number > len(sample) else "")
    table = dotted(invariant.each.path)
    end = "violates" if number == 1 else "violate"
    if number > len(sample):
        line = CALLING.line("backfill", "--list", "--invariant", invariant.name, without=PARTS)
        cure += f" `{line}` shows all of them."
    return Finding(
        rule=BROKEN if invariant.violations is not None else ORPHANED,
        severity=invariant.severity,
        ref=invariant.ref,
        facet="",
        expected=invariant.summary,
        actual=f"{rows}: {shown}",
        message=f"{rows} of {table} {end} the invariant: {invariant.summary[0].lower()}{invariant.summary[1:]}. {cure}",
        locations=(invariant.location,),
        holder=f"rows of {table}",
        rows=number,
    )


def _slip(invariant: Invariant, error: ContractError) -> Finding:
    hint = f" {error.hint}" if error.hint else ""
    return Finding(
        rule=REFUSED,
        severity=REFUSED.severity,
        ref=invariant.ref,
        facet="sql",
        expected=invariant.summary,
        actual=None,
        message=f"{error.message[0].upper()}{error.message[1:].rstrip('.')}. Its rows were not counted.{hint}",
        locations=(error.location or invariant.location,),
        state=error.state,
        holder=f"rows of {dotted(invariant.each.path)}",
    )


def _note(invariant: Invariant, advice: str) -> Finding:
    table = dotted(invariant.has.path) if invariant.has else ""
    return Finding(
        rule=UNINDEXED,
        severity=UNINDEXED.severity,
        ref=invariant.ref,
        facet="index",
        expected=advice or None,
        actual=None,
        message=(
            f"No index of {table} supports the join from a row of {dotted(invariant.each.path)}, so checking and "
            "repairing one row reads the whole table."
        ),
        locations=(invariant.location,),
        holder=f"rows of {dotted(invariant.each.path)}",
    )


_FAILING = {(kind.name, rule.name) for kind in KINDS for rule in kind.rules_of_queries}
_TYPED = {kind.name for kind in KINDS if kind.type_of}
_ON_RELATIONS = {kind.name for kind in KINDS if kind.within or kind in HOLDING}


def explanation(
    invariant: Invariant, contract: Contract, found: Sequence[Finding], also: Iterable[str] = ()
) -> Finding | None:
    """Return the worst schema finding on the objects that an invariant's SQL names; `also` holds more SQL."""
    return explanation_of((*invariant.fragments, *also), set(_paths([invariant])), contract, found)


def explanation_of(
    texts: Iterable[str], paths: set[ObjectPath], contract: Contract, found: Sequence[Finding]
) -> Finding | None:
    """Return the worst schema finding on these tables, and on the objects that the SQL texts name."""
    relevant = set(paths)
    for text in texts:
        relevant |= named(text, contract)
    schemas = {path[:1] for path in relevant}
    about = [one for one in found if one.rule is NO_SCHEMA and one.ref.path in schemas]
    about += [
        one
        for one in found
        if (one.ref.kind, one.rule.name) in _FAILING
        and (one.ref.path[:2] in relevant or one.ref.kind not in _ON_RELATIONS)
    ]
    nearest = relevant | schemas
    return min(about, key=lambda one: (one.ref.path[:2] not in nearest, -one.severity), default=None)


def why_not(sql: str, rows: AliasedTable, contract: Contract, found: Sequence[Finding]) -> str | None:
    """Return why SQL over the rows of a table cannot run, according to the schema findings."""
    finding = explanation_of([sql], {rows.path}, contract, found)
    return finding.message.rstrip(".") if finding is not None else None


def refused(
    connection: Connection,
    error: psycopg.Error,
    asked: Query,
    invariant: Invariant,
    contract: Contract,
    found: Sequence[Finding],
    also: Iterable[str] = (),
) -> Skipped:
    """Return why an invariant could not be counted; `also` holds SQL that was part of the query.

    Raises ContractError if the SQL is wrong, DatabaseError if the connection is lost.
    """
    state = error.sqlstate or ""
    said = told_of_reading(error)
    if state == sqlstate.QUERY_CANCELED:
        return invariant.unchecked("counting its rows took too long", "Allow more with --data-timeout SECONDS.")
    if state == sqlstate.LOCK_NOT_AVAILABLE:
        return invariant.unchecked("another session has locked its tables", "Run it again later.")
    if state in {sqlstate.INSUFFICIENT_PRIVILEGE, *_NOT_SEEN} and _closed(connection, contract):
        return invariant.unchecked(
            f"the role may not read all of its rows: permission denied for schema {contract.schema}",
            f"Grant it USAGE on the schema {contract.schema}, and SELECT on the tables.",
        )
    if state == sqlstate.INSUFFICIENT_PRIVILEGE:
        return invariant.unchecked(f"the role may not read all of its rows: {said}", HINT_OF_RIGHTS)
    own = state == _NOT_A_VALUE and error.diag.statement_position is not None  # and not a value read from a row
    if state.startswith(sqlstate.SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION) or state in _SLIPS or own:
        typed = state not in {sqlstate.UNDEFINED_COLUMN, sqlstate.UNDEFINED_TABLE}  # so that a type may be the reason
        known = [one for one in found if typed or not (one.facet and one.ref.kind in _TYPED)]
        reason = explanation(invariant, contract, known, also) if state != sqlstate.SYNTAX_ERROR else None
        if reason is not None:
            return invariant.unchecked(reason.message, _repair_first(), reason.ref)
        raise slip(error, asked, invariant)
    if not state or state.startswith((sqlstate.CONNECTION_EXCEPTION, sqlstate.OPERATOR_INTERVENTION)):
        raise broken_connection(error, f"counting the rows of {invariant.name}")
    return invariant.unchecked(f"PostgreSQL says: {said} ({state})", "Check the rows, or the invariant's SQL.")


def _closed(connection: Connection, contract: Contract) -> bool:
    try:
        with transaction(connection, contract.schema, timeout=_PROOF_TIMEOUT):
            return closed(connection, contract.schema)
    except psycopg.Error as error:
        raise broken_connection(error, "looking for the tables of the invariants") from None


def slip(error: psycopg.Error, asked: Query, invariant: Invariant) -> ContractError:
    """Return the error with the position in the contract of the SQL that the server rejects."""
    return ContractError(
        f"PostgreSQL rejects the invariant {invariant.name}: {told(error)}",
        location=contract_sql.place_of(error, asked) or invariant.location,
        hint=contract_sql.hinted(error),
        state=error.sqlstate or "",
    )
