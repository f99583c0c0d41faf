"""What the role may not do here, of what the commands need, with the statements that permit it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.counting import counted
from sessionaudit.core.ref import dotted
from sessionaudit.doctor import needs
from sessionaudit.doctor.asking import one_row, reading, rows
from sessionaudit.doctor.diagnosis import Symptom, Weight
from sessionaudit.kinds import KINDS
from sessionaudit.postgres.acting import Acting, ForeignRoleError, UnknownRoleError, act
from sessionaudit.postgres.connection import user
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.doctor.needs import NeededPrivilege
    from sessionaudit.errors import UsageError
    from sessionaudit.postgres.connection import Connection

TOPIC = "rights"
_CATALOG = re.compile(r"(?:from|join) pg_catalog\.(pg_\w+)")
_ALSO = ("pg_description", "pg_event_trigger", "pg_db_role_setting")
_OF_CATALOGS = ("access", "check", "migrations", "repair", "scan", "snapshot")
_MOST_TABLES = 4


class LackingRights(NamedTuple):
    """What is lacking on relations: tables, the statements that help, and those of which row security hides rows.

    `absent` are those that do not exist, so that nothing is known of them.
    """

    tables: tuple[str, ...]
    sql: tuple[str, ...]
    filtered: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether something is."""
        return bool(self.sql)


class RightsSubject(NamedTuple):
    """What rights are for, in words, what follows without them, and the commands that need them."""

    name: str
    what: str
    consequence: str
    commands: tuple[str, ...]


class ForeignOwner(NamedTuple):
    """An owner that the role is no member of, and how many relations it owns, with one of them."""

    name: str
    superuser: bool
    number: int
    one: str


def of_database(connection: Connection, timeout: float) -> Iterator[Symptom]:
    """Yield what the role lacks on the database and its catalogs. Raises DatabaseError."""
    catalogs = sorted({*_ALSO, *(name for kind in KINDS for name in _CATALOG.findall(kind.query))})
    with reading(connection, timeout, "asking for the rights of the role"):
        found = one_row(connection, "database.sql", {"catalogs": catalogs})
    role = quoted(found["role"])
    if found["hidden"]:
        names = ", ".join(f"pg_catalog.{name}" for name in found["hidden"])
        yield Symptom(
            topic=TOPIC,
            name="catalogs",
            weight=Weight.LACK,
            fact=f"The role {role} may not read {names}.",
            consequence="Of what stands there nothing can be checked.",
            sql=(f"grant select on {names} to {role};",),
            needed_by=_OF_CATALOGS,
        )
    else:
        yield Symptom(topic=TOPIC, name="catalogs", weight=Weight.FINE, fact="All catalogs can be read.")
    database = quoted(found["database"])
    if not found["temporary"]:
        yield Symptom(
            topic=TOPIC,
            name="temporary",
            weight=Weight.LACK,
            fact=f"The role {role} may not create temporary tables.",
            consequence="Expressions that differ in spelling cannot be compared: they are reported as uncertain.",
            sql=(f"grant temporary on database {database} to {role};",),
            needed_by=("check", "repair", "scan"),
        )
    else:
        fact = "Temporary tables can be created, on which expressions are compared."
        yield Symptom(topic=TOPIC, name="temporary", weight=Weight.FINE, fact=fact)


def of_owners(connection: Connection, contract: Contract, timeout: float) -> Iterator[Symptom]:
    """Yield who owns what the role could not alter. Raises DatabaseError."""
    found = owners(connection, contract.relations, timeout)
    if found:
        whose = ", ".join(f"{one.number} of {quoted(one.name)} (such as {one.one})" for one in found)
        yield Symptom(
            topic=TOPIC,
            name="owners",
            weight=Weight.NOTE,
            fact=f"The role cannot alter all relations of the contract: {whose}.",
            consequence="Should these drift, `repair` cannot change them: it needs to be a member of their owner.",
        )
    elif contract.relations:
        fact = "The role owns the relations of the contract that are there, or is a member of their owners."
        yield Symptom(topic=TOPIC, name="owners", weight=Weight.FINE, fact=fact)


def of_schemas(
    connection: Connection, contract: Contract, drifted: Collection[ObjectPath], timeout: float
) -> Iterator[Symptom]:
    """Yield which schemas of the contract's relations the role may not use; `drifted` are the objects with findings.

    Raises DatabaseError.
    """
    schemas = sorted({path[0] for path in contract.relations})
    with reading(connection, timeout, "asking for the rights on schemas"):
        closed = [row[0] for row in rows(connection, "closed_schemas.sql", {"schemas": schemas})]
    if closed:
        role, names = quoted(user(connection)), ", ".join(map(quoted, closed))
        barred = not {path[0] for path in drifted}.isdisjoint(closed)
        yield Symptom(
            topic=TOPIC,
            name="schemas",
            weight=Weight.LACK if barred else Weight.NOTE,
            fact=f"The role {role} may not use the {'schema' if len(closed) == 1 else 'schemas'} {names}.",
            consequence="`repair` can change nothing there, and rows there cannot be read.",
            sql=(f"grant usage on schema {names} to {role};",),
            needed_by=("repair",) if barred else (),
        )


def owners(connection: Connection, paths: Sequence[ObjectPath], timeout: float) -> list[ForeignOwner]:
    """Return the owners of those relations that the role cannot alter. Raises DatabaseError."""
    with reading(connection, timeout, "asking for owners"):
        return [ForeignOwner(*row) for row in rows(connection, "owners.sql", _split(paths))]


def of_trace(connection: Connection, contract: Contract, timeout: float) -> Iterator[Symptom]:
    """Yield what stories need. Raises DatabaseError."""
    if contract.trace is not None:
        lacking = lacking_on(connection, needs.of_tracing(contract.trace, contract), timeout)
        what = RightsSubject("trace", "the stories of the contract", "Links cannot be looked up.", ("trace",))
        yield remark_of(connection, lacking, what)


def of_counting(
    connection: Connection, contract: Contract, unread: Iterable[Invariant], timeout: float
) -> list[Symptom]:
    """Return what those invariants need that `check` could not read. Raises DatabaseError."""
    several = [*unread]
    wanted = [need for one in several for need in needs.of_counting(one, contract)]
    lacking = lacking_on(connection, wanted, timeout)
    said = f"The rows of {counted(len(several), 'invariant')} are not counted."
    what = RightsSubject("counting", "the invariants", said, ("check", "backfill"))
    return [remark_of(connection, lacking, what)] if lacking.any else []


def of_walking(connection: Connection, contract: Contract, timeout: float) -> Iterator[Symptom]:
    """Yield what the steps of journeys need that the role that connects sends itself. Raises DatabaseError."""
    if contract.journeys:
        lacking = lacking_on(connection, needs.of_walking(contract), timeout, bound=True)
        said = "Steps without “as” cannot be looked at."
        yield remark_of(connection, lacking, RightsSubject("journeys", "the journeys", said, ("check", "probe")))


def of_repairing(
    connection: Connection, contract: Contract, invariants: Sequence[Invariant], timeout: float
) -> Symptom:
    """Return what backfills of these invariants need. Raises DatabaseError, and ContractError."""
    wanted = [need for one in invariants for need in needs.of_repairing(one, contract)]
    with reading(connection, timeout, "asking for what references tables"):
        beside = rows(connection, "needed_by_writing.sql", _split([*{one.path for one in wanted if one.written}]))
    tables = [
        needs.NeededPrivilege((schema, name), needs.SELECT) for _, kind, schema, name in beside if kind == "table"
    ]
    lacking = lacking_on(connection, [*wanted, *tables], timeout)
    role = quoted(user(connection))
    sequences = (
        f"grant usage on sequence {dotted((schema, name))} to {role};"
        for _, kind, schema, name in beside
        if kind == "sequence"
    )
    lacking = lacking._replace(sql=(*lacking.sql, *sequences))
    said = "Rows that break an invariant cannot be repaired."
    return remark_of(connection, lacking, RightsSubject("repairs", "the repairs of rows", said, ("backfill", "undo")))


def of_roles(connection: Connection, contract: Contract, timeout: float) -> Iterator[Symptom]:
    """Yield which roles of the contract cannot be taken on; the server is asked to. Raises DatabaseError."""
    for role, commands in needs.roles_of(contract).items():
        with reading(connection, timeout, "taking on roles"):
            try:
                act(connection, Acting(role))
            except UnknownRoleError:  # which `check` reports
                yield Symptom(
                    topic=TOPIC,
                    name=f"membership {role}",
                    weight=Weight.NOTE,
                    fact=f"The contract has statements sent as {quoted(role)}, a role that does not exist.",
                    consequence="They fail.",
                )
            except ForeignRoleError:
                yield _foreign(role, user(connection), commands)
            else:
                fact = f"The role {quoted(role)} can be taken on."
                yield Symptom(topic=TOPIC, name=f"membership {role}", weight=Weight.FINE, fact=fact)


def _foreign(role: str, member: str, commands: tuple[str, ...]) -> Symptom:
    return Symptom(
        topic=TOPIC,
        name=f"membership {role}",
        weight=Weight.LACK,
        fact=f"{quoted(member)} is no member of {quoted(role)}.",
        consequence="What the contract has sent as that role cannot be looked at.",
        sql=(f"grant {quoted(role)} to {quoted(member)};",),
        needed_by=commands,
    )


def unset_role(
    connection: Connection, role: str, error: UsageError, commands: tuple[str, ...], timeout: float
) -> Symptom:
    """Return that the role of --role cannot be set, and the grant that helps if it exists. Raises DatabaseError."""
    with reading(connection, timeout, "looking for the role"):
        there = connection.execute("select exists (select from pg_catalog.pg_roles r where r.rolname = %s)", (role,))
        exists = there.fetchone() == (True,)
    member = quoted(user(connection))
    return Symptom(
        topic=TOPIC,
        name="--role",
        weight=Weight.LACK,
        fact=f"{error.message[0].upper()}{error.message[1:]}.",
        consequence="No command can run so, and its rights were not looked at."
        + ("" if exists else " There is no such role: check the name."),
        sql=(f"grant {quoted(role)} to {member};",) if exists else (),
        needed_by=commands,
    )


def lacking_on(
    connection: Connection, wanted: Iterable[NeededPrivilege], timeout: float, *, bound: bool = False
) -> LackingRights:
    """Return what the role lacks of some privileges; if it may be `bound`, row security does not matter.

    Raises DatabaseError.
    """
    by_path: dict[ObjectPath, list[str]] = {}
    for one in wanted:
        by_path.setdefault(one.path, []).append(one.privilege)
    privileges = [" ".join(one for one in needs.PRIVILEGES if one in names) for names in by_path.values()]
    with reading(connection, timeout, "asking for privileges"):
        found = rows(connection, "rights.sql", {**_split([*by_path]), "privileges": privileges})
    role = quoted(user(connection))
    closed = dict.fromkeys(schema for schema, _, is_open, _, _ in found if not is_open)
    statements = [f"grant usage on schema {quoted(schema)} to {role};" for schema in closed]
    tables: list[str] = []
    filtered: list[str] = []
    for schema, name, is_open, lacking, hidden in found:
        if lacking:
            statements.append(f"grant {', '.join(lacking)} on {dotted((schema, name))} to {role};")
        if lacking or not is_open:
            tables.append(dotted((schema, name)))
        if hidden and not bound:
            filtered.append(dotted((schema, name)))
    if filtered:
        statements.append(f"alter role {role} bypassrls;")
    there = {(row[0], row[1]) for row in found}
    absent = [dotted(path) for path in by_path if path not in there]
    return LackingRights(tuple(tables), tuple(statements), tuple(filtered), tuple(absent))


def remark_of(connection: Connection, lacking: LackingRights, subject: RightsSubject) -> Symptom:
    """Say what is lacking, or that nothing is, as far as the relations exist."""
    unseen = f"What {subject.what} need on {_listed(lacking.absent)} is not known: there is no such table."
    if not lacking.any and lacking.absent:
        return Symptom(topic=TOPIC, name=subject.name, weight=Weight.NOTE, fact=unseen)
    if not lacking.any:
        fact = f"All privileges for {subject.what} are there."
        return Symptom(topic=TOPIC, name=subject.name, weight=Weight.FINE, fact=fact)
    parts = [f"lacks privileges on {_listed(lacking.tables)}"] if lacking.tables else []
    if {*lacking.filtered} <= {*lacking.tables} and lacking.filtered:
        parts[0] += ", and row security would hide rows of " + ("them" if len(lacking.tables) > 1 else "it")
    elif lacking.filtered:
        parts.append(f"sees only some rows of {_listed(lacking.filtered)} (row security)")
    parts = parts or ["may not use sequences"]
    return Symptom(
        topic=TOPIC,
        name=subject.name,
        weight=Weight.LACK,
        fact=f"For {subject.what}: the role {quoted(user(connection))} {', and '.join(parts)}.",
        consequence=f"{subject.consequence} {unseen}" if lacking.absent else subject.consequence,
        sql=lacking.sql,
        needed_by=subject.commands,
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_TABLES} more" if len(names) > _MOST_TABLES else ""
    return f"{', '.join(names[:_MOST_TABLES])}{more}"


def _split(paths: Sequence[ObjectPath]) -> dict[str, list[str]]:
    return {"schemas": [path[0] for path in paths], "names": [path[1] for path in paths]}
