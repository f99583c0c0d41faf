"""Foreign tables: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.common import foreign_options
from sessionaudit.kinds.foreign_table.model import ForeignTable, load, read, show, show_columns, spell

MISSING = Rule(
    "SA271",
    "missing-foreign-table",
    Severity.ERROR,
    "A foreign table of the contract does not exist.",
    "Every statement that names it fails (42P01; PostgREST: PGRST205).",
    "The foreign table {object} does not exist: every statement that names it fails.",
)
FORBIDDEN = Rule(
    "SA272",
    "forbidden-foreign-table",
    Severity.WARNING,
    "A foreign table that the contract declares absent exists.",
    "It was meant to be removed; the rows of another database can still be read and written through it.",
    "The foreign table {object} exists, and the contract declares it absent.",
)
COLUMNS = Rule(
    "SA273",
    "foreign-table-columns",
    Severity.ERROR,
    "The columns of a foreign table, or their types, differ from the contract.",
    "Statements that name a missing column fail (42703), and values of another type are refused or changed.",
    "The foreign table {object} has the columns ({actual}), expected ({expected}): statements that name others fail.",
)
SERVER = Rule(
    "SA274",
    "foreign-table-server",
    Severity.ERROR,
    "The server of a foreign table differs from the contract.",
    "It shows the rows of another database than expected. PostgreSQL cannot change the server of a foreign table.",
    "The server of the foreign table {object} is {actual}, expected {expected}: it shows the rows of another database.",
    fix=(
        "Drop the foreign table, which has no rows of its own, and run `sessionaudit repair --apply`, which creates "
        "it with the right server."
    ),
)
OPTIONS = Rule(
    "SA279",
    "foreign-table-options",
    Severity.WARNING,
    "The options of a foreign table differ from the contract.",
    "It may show the rows of another table of that server. Options that may hold a secret are not compared.",
    "The foreign table {object} has {actual}, expected {expected}: it may show another table of the server.",
)


def lacking(ref: ObjectRef, expected: ForeignTable) -> str:
    """Say what fails, and whether it can be created."""
    told = MISSING.message.format(object=ref.dotted)
    return told if expected.columns is not None else f"{told} It cannot be created, as its columns are not stated."


def same_columns(expected: ForeignTable, actual: ForeignTable) -> bool:
    """Whether it has these columns and no others; their order does not matter to whoever names them."""
    return expected.columns is None or dict(expected.columns) == dict(actual.columns or ())


KIND = Kind(
    name="foreign_table",
    section="foreign_tables",
    classes=("foreign table",),
    identity=("schema", "name"),
    model=ForeignTable,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    refers=lambda table: (ObjectRef("foreign_server", (table.server,)),),
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    needed_by_queries=True,
    attributes=(
        Attribute(
            facet="columns",
            rule=COLUMNS,
            fields=("columns",),
            show=show_columns,
            same=same_columns,
            needed_by_queries=True,
        ),
        Attribute(facet="server", rule=SERVER, fields=("server",), show=lambda table: table.server, verbatim=True),
        Attribute(
            facet="options",
            rule=OPTIONS,
            fields=("options",),
            show=lambda table: foreign_options.shown(table.options),
            same=lambda expected, actual: expected.options in {None, actual.options},
            verbatim=True,
        ),
    ),
    commands=("select", "insert", "update", "delete", "truncate"),
    shape={
        "type": "object",
        "additionalProperties": False,
        "required": ["server"],
        "properties": {
            "server": {"type": "string", "description": "The server."},
            "options": foreign_options.SHAPE,
            "columns": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "All columns, each with its type and perhaps not null.",
            },
        },
    },
)
