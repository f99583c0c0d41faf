"""What is looked at beside the rights: extensions, the API, ledgers of migrations, a private server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations import ledger_reading
from sessionaudit.audits.migrations.sides import read_sides
from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import dotted
from sessionaudit.doctor.asking import one_row, reading, rows
from sessionaudit.doctor.diagnosis import Symptom, Weight
from sessionaudit.doctor.statements import advice_of
from sessionaudit.embedded.binaries import find_binaries
from sessionaudit.errors import ContractError, DatabaseError, UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_EXTENSIONS, _API, _MIGRATIONS, _PRIVATE = "extensions", "API", "migrations", "private server"
EXTENSION = next(kind.name for kind in KINDS if kind.section == _EXTENSIONS)


def extensions(connection: Connection, contract: Contract, timeout: float) -> Iterator[Symptom]:
    """Yield which extensions of the contract are not there. Raises DatabaseError."""
    names = [path[-1] for path, one in contract.objects[EXTENSION].items() if one.value is not None]
    if not names:
        return
    with reading(connection, timeout, "looking for extensions"):
        found = rows(connection, "extensions.sql", {"names": names})
    there = [name for name, installed, _, _ in found if installed]
    if there:
        fact = f"Installed: {', '.join(map(quoted, there))}."
        yield Symptom(topic=_EXTENSIONS, name="installed", weight=Weight.FINE, fact=fact)
    for name, installed, available, permitted in found:
        if installed:
            continue
        if not available:
            yield Symptom(
                topic=_EXTENSIONS,
                name=name,
                weight=Weight.LACK,
                fact=f"The extension {quoted(name)} is not installed, and the server does not have its files.",
                consequence="`repair` cannot create it. Install its package on the server.",
                needed_by=("repair",),
            )
        else:
            yield Symptom(
                topic=_EXTENSIONS,
                name=name,
                weight=Weight.NOTE if permitted else Weight.LACK,
                fact=f"The extension {quoted(name)} is not installed; the server has its files.",
                consequence="`repair` creates it." if permitted else "This role may not create it; a superuser may.",
                sql=(f"create extension {quoted(name)};",),
                needed_by=() if permitted else ("repair",),
            )


def api(connection: Connection, schema: str, timeout: float) -> Iterator[Symptom]:
    """Yield what the database knows of PostgREST. Raises DatabaseError."""
    with reading(connection, timeout, "asking for the API"):
        found = one_row(connection, "api.sql", {"schema": schema})
    if not found["used"] and not found["watching"]:
        yield Symptom(topic=_API, name="api", weight=Weight.FACT, fact="No role of PostgREST is here.")
        return
    exposed = found["exposed"]
    yield Symptom(
        topic=_API,
        name="exposed",
        weight=Weight.FACT,
        fact=f"PostgREST exposes {exposed}."
        if exposed
        else "The database does not know which schemas PostgREST exposes.",
        consequence="" if exposed else "It is in the configuration of PostgREST.",
    )
    yield _watching(found)
    yield from _granted(found, schema)


def _watching(found: dict[str, Any]) -> Symptom:
    watching: list[str] = found["watching"]
    enabled = [one for one in watching if not one.endswith(")")]
    if len(enabled) == 2:
        fact = f"{' and '.join(enabled)} tell PostgREST of changes."
        return Symptom(topic=_API, name="watching", weight=Weight.FINE, fact=fact)
    there = f" ({', '.join(watching)} is)" if watching else ""
    return Symptom(
        topic=_API,
        name="watching",
        weight=Weight.NOTE,
        fact=f"The event triggers pgrst_ddl_watch and pgrst_drop_watch are not both enabled{there}.",
        consequence="After a change by hand, PostgREST answers from its old schema cache (PGRST204, PGRST200). "
        "`repair` notifies it; after your own changes do it yourself.",
        sql=("notify pgrst, 'reload schema';",),
    )


def _granted(found: dict[str, Any], schema: str) -> Iterator[Symptom]:
    granted, roles = found["granted"], found["roles"]
    if granted:
        names = sorted({one.partition(" (")[0] for one in granted})
        yield Symptom(
            topic=_API,
            name="default privileges",
            weight=Weight.NOTE,
            fact=f"What this role makes in {quoted(schema)} is granted to {', '.join(map(quoted, names))} at once.",
            consequence="Row security alone protects them: state “grants” and “row_security” of each in the contract.",
        )
    elif roles:
        yield Symptom(
            topic=_API,
            name="default privileges",
            weight=Weight.FINE,
            fact=f"Tables that this role makes are not granted to {', '.join(map(quoted, roles))}.",
            consequence="State their “grants” in the contract, or the API answers with 42501.",
        )


def migrations(connection: Connection, contract: Contract | None, timeout: float) -> Iterator[Symptom]:
    """Yield the ledgers of migrations, and whether that of the contract can be read. Raises DatabaseError."""
    ledgers = ledger_reading.find(connection, timeout=timeout)
    declared = contract is not None and contract.migrations is not None
    for table in dict.fromkeys(one.table for one in ledgers.found):
        tools = " or ".join(one.ledger.title for one in ledgers.found if one.table == table)
        yield Symptom(
            topic=_MIGRATIONS,
            name=dotted(table),
            weight=Weight.FINE,
            fact=f"{dotted(table)} is a ledger of {tools}"
            + (", which this role may not read." if table in ledgers.unreadable else "."),
        )
    if not ledgers.found:
        yield Symptom(topic=_MIGRATIONS, name="none", weight=Weight.FACT, fact="No ledger of migrations was found.")
    if contract is None or not declared:
        return
    try:
        ledger = read_sides(contract, connection, timeout=timeout).ledger
    except (ContractError, UsageError) as error:
        yield _lacking_ledger(f"{error}.", error.hint)
        return
    if isinstance(ledger, Skipped):
        yield _lacking_ledger(f"{ledger.what}: {ledger.reason}.", ledger.hint)


def _lacking_ledger(fact: str, hint: str) -> Symptom:
    grants = advice_of(hint).sql
    return Symptom(
        topic=_MIGRATIONS,
        name="ledger",
        weight=Weight.LACK,
        fact=f"{fact[0].upper()}{fact[1:]}",
        consequence="What was applied is not known." if grants else hint,
        sql=grants,
        needed_by=("check", "migrations"),
    )


def private_server(contract: Contract | None) -> Symptom:
    """Return whether a private server can be started on this machine."""
    needed = ("check", "migrations") if contract is not None and contract.migrations is not None else ()
    try:
        found = find_binaries()
    except DatabaseError as error:
        return Symptom(
            topic=_PRIVATE,
            name="programs",
            weight=Weight.LACK if needed else Weight.NOTE,
            fact=error.message,
            consequence="`migrations`, `probe --embedded`, `scan --against contract` and `demo` need them.",
            commands=("pip install 'sessionaudit[demo]'",),
            needed_by=needed,
        )
    fact = f"PostgreSQL {found.version} in {found.directory} can run a private server."
    return Symptom(topic=_PRIVATE, name="programs", weight=Weight.FINE, fact=fact)
