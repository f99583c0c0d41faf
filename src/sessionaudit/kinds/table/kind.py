"""Tables and views: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.table import partitioning, properties, relation_kind, storage
from sessionaudit.kinds.table.model import IMPLIED, OFF, STATES, Table, brief, condensed, goes_with, read, refers, spell

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA221",
    "missing-table",
    Severity.ERROR,
    "A table of the contract does not exist.",
    "Every statement that names it fails (42P01; PostgREST: PGRST205).",
    "The table {object} does not exist: every statement that names it fails. Its columns and other parts were "
    "not compared.",
)
FORBIDDEN = Rule(
    "SA222",
    "forbidden-table",
    Severity.WARNING,
    "A table that the contract declares absent exists.",
    "It was meant to be removed; its rows can still be read and written.",
    "The table {object} exists, and the contract declares it absent.",
)
ROW_SECURITY = Rule(
    "SA501",
    "row-security",
    Severity.ERROR,
    "Row security differs from the contract.",
    "Where it is off, policies do nothing: every role with a privilege on the table sees and changes every row. "
    "Where it is on without policies, every role but the owner and those with BYPASSRLS sees no row at all.",
    otherwise="A warning where only FORCE differs.",
)
OWNER = Rule(
    "SA502",
    "owner",
    Severity.WARNING,
    "The owner of a table differs from the contract.",
    "The owner bypasses row security and may alter the table; migrations that run as another role fail.",
    "{object} belongs to {actual}, expected {expected}: migrations run as {expected} may fail.",
)


def same_security(expected: Table, actual: Table) -> bool:
    """Whether row security is as stated; where policies are stated, it must be on."""
    if expected.row_security == IMPLIED:
        return actual.row_security not in OFF
    return expected.row_security in {None, actual.row_security}


def security_severity(expected: Table, actual: Table) -> Severity:
    """An error unless both have it on, or off, and only `forced` differs."""
    states = {expected.row_security, actual.row_security}
    return Severity.WARNING if states in ({"enabled", "forced"}, OFF) else Severity.ERROR


def security_message(ref: ObjectRef, expected: Table, actual: Table) -> str:
    """Say who sees more, or less, than intended."""
    effects = {
        "disabled": "policies have no effect, and every role with a privilege on it sees and changes every row",
        "enabled": "policies do not apply to the owner",
        "forced": "policies apply to the owner, too",
        "disabled but forced": "policies have no effect; once it is enabled, they apply to the owner, too",
    }
    effect = effects[actual.row_security or "disabled"]
    if expected.row_security in OFF and actual.row_security not in OFF:
        effect = "other roles than the owner see and change only rows that policies allow"
    return f"Row security of {ref.dotted} is {actual.row_security}, expected {expected.row_security}: {effect}."


def lacking(ref: ObjectRef, expected: Table) -> str:
    """Say what fails, and whether it can be made."""
    return relation_kind.lacking(expected, MISSING.message.format(object=ref.dotted))


KIND = Kind(
    name="table",
    section="tables",
    classes=("table",),
    keys=("kind", "row_security", "owner", *partitioning.KEYS, *properties.KEYS, *storage.KEYS),
    identity=("relation",),
    model=Table,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=lambda row, _schema: Table(
        row_security=row[0],
        owner=row[1],
        kind=row[2],
        attached=row[3],
        shape=properties.load(row[4:13]),
        partitioning=partitioning.load(row[13:21]),
        storage=storage.load(row[21:]),
    ),
    show=lambda table: table.kind or "table",
    spell=spell,
    brief=brief,
    condensed=condensed,
    refers=refers,
    goes_with=goes_with,
    missing=MISSING,
    lacking=lacking,
    apart=relation_kind.apart,
    forbidden=FORBIDDEN,
    ignored=frozenset({"attached", "columnless"}),
    shapes_writes=True,
    needed_by_queries=True,
    attributes=(
        relation_kind.ATTRIBUTE,
        Attribute(
            facet="row_security",
            rule=ROW_SECURITY,
            fields=("row_security",),
            show=lambda table: table.row_security,
            same=same_security,
            severity=security_severity,
            message=security_message,
        ),
        Attribute(
            facet="owner",
            rule=OWNER,
            fields=("owner",),
            show=lambda table: table.owner,
            verbatim=True,
            same=lambda expected, actual: expected.owner in {None, actual.owner},
        ),
        *properties.ATTRIBUTES,
        *partitioning.ATTRIBUTES,
        *storage.ATTRIBUTES,
    ),
    commands=("select", "insert", "update", "delete", "truncate"),
    shape={
        "properties": {
            "kind": {"enum": list(relation_kind.KINDS), "description": "The kind of relation; a table if omitted."},
            "row_security": {"enum": list(STATES)},
            "owner": {"type": "string", "description": "The role that owns the table."},
            **partitioning.SCHEMA,
            **properties.SCHEMA,
            **storage.SCHEMA,
        }
    },
)
