"""Servers: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.common import foreign_options
from sessionaudit.kinds.foreign_server.model import ForeignServer, load, read, show, spell

MISSING = Rule(
    "SA275",
    "missing-foreign-server",
    Severity.ERROR,
    "A server of the contract does not exist.",
    "Foreign tables that use it cannot be created.",
    "The server {name} does not exist: no foreign table can use it.",
)
FORBIDDEN = Rule(
    "SA276",
    "forbidden-foreign-server",
    Severity.WARNING,
    "A server that the contract declares absent exists.",
    "It was meant to be removed; foreign tables can still reach another database through it.",
    "The server {name} exists, and the contract declares it absent.",
)
WRAPPER = Rule(
    "SA277",
    "foreign-server-wrapper",
    Severity.ERROR,
    "The foreign data wrapper of a server differs from the contract.",
    "Foreign tables reach their rows by other means than expected, or fail. PostgreSQL cannot change the wrapper of "
    "a server.",
    "The foreign data wrapper of the server {name} is {actual}, expected {expected}: its foreign tables read by "
    "other means, or fail.",
    fix=(
        "Drop the server with its foreign tables (`drop server NAME cascade`), and run `sessionaudit repair "
        "--apply`, which creates what the contract states. User mappings, with their passwords, must be created "
        "again by hand."
    ),
)
OPTIONS = Rule(
    "SA278",
    "foreign-server-options",
    Severity.WARNING,
    "The options of a server differ from the contract.",
    "Foreign tables may reach another database than expected. Options that may hold a secret are not compared.",
    "The server {name} has {actual}, expected {expected}: its foreign tables may reach another database.",
)

KIND = Kind(
    name="foreign_server",
    section="servers",
    classes=("server",),
    identity=("name",),
    model=ForeignServer,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    verbatim=True,
    attributes=(
        Attribute(
            facet="wrapper", rule=WRAPPER, fields=("wrapper",), show=lambda server: server.wrapper, verbatim=True
        ),
        Attribute(
            facet="options",
            rule=OPTIONS,
            fields=("options",),
            show=lambda server: foreign_options.shown(server.options),
            same=lambda expected, actual: expected.options in {None, actual.options},
            verbatim=True,
        ),
    ),
    shape={
        "type": "object",
        "additionalProperties": False,
        "required": ["wrapper"],
        "properties": {
            "wrapper": {"type": "string", "description": "The foreign data wrapper."},
            "options": foreign_options.SHAPE,
        },
    },
)
