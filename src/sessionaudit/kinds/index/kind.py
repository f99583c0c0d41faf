"""Indexes: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.index.model import Index, attach, load, read, show

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing("SA401", "index", "queries that count on it read the whole table", Severity.WARNING)
UNEXPECTED = unexpected("SA402", "index")
FORBIDDEN = forbidden("SA403", "index")
DEFINITION = Rule(
    "SA404",
    "index-definition",
    Severity.WARNING,
    "An index covers other columns, expressions or rows than the contract states.",
    "Queries that count on it read the whole table; a unique index lets other duplicates pass.",
)
UNIQUENESS = Rule(
    "SA405",
    "index-uniqueness",
    Severity.ERROR,
    "An index is unique where it must not be, or the other way round.",
    "Duplicates are stored that the application takes for impossible, or rows are refused (23505).",
    "The index {name} of {parent} is {actual}, expected {expected}: duplicates are stored, or good rows refused.",
)
INVALID = Rule(
    "SA406",
    "invalid-index",
    Severity.ERROR,
    "An index is invalid: a concurrent build of it failed half-way.",
    "Queries do not use it, every write pays for it, and a unique one does not prove what its name says. "
    "`create index concurrently if not exists` skips it silently.",
    "The index {name} of {parent} is invalid: no query uses it, and every write still pays for it.",
)


def lacking(ref: ObjectRef, index: Index) -> str:
    """Say what is slow, or which rows nothing refuses."""
    if not index.unique:
        return MISSING.message.format(name=ref.name, parent=ref.parent)
    return (
        f"The unique index {ref.name} of {ref.parent} does not exist: unless a key does it, nothing refuses "
        "duplicates, and `on conflict` on these columns fails (42P10)."
    )


def definition_message(ref: ObjectRef, expected: Index, actual: Index) -> str:
    """Say what is slow, or which rows are refused."""
    unique = expected.unique and actual.unique
    ending = "other duplicates are refused or taken" if unique else "queries that count on it may be slow"
    return f"The index {ref.name} of {ref.parent} covers something else than expected: {ending}."


KIND = Kind(
    name="index",
    section="indexes",
    within=("table",),
    identity=("relation", "name"),
    model=Index,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    lacking=lacking,
    weigh=lambda index: Severity.ERROR if index.unique else Severity.WARNING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda index: index.inherited,
    harmful=(INVALID, lambda index: not index.valid),
    misnamed=True,
    ignored=frozenset({"inherited"}),
    attributes=(
        Attribute(
            facet="definition",
            rule=DEFINITION,
            fields=("definition",),
            show=lambda index: f"using {index.definition}",
            message=definition_message,
            form=Form(
                text=lambda index: index.definition,
                sort=Sort.INDEX,
                evaluated=True,
                wrap=lambda sql: f"create index i on t using {sql}",
                attach=attach,
                read="""
    select pg_catalog.substr(x.rest, pg_catalog.strpos(x.rest, x.before) + pg_catalog.length(x.before))
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indexrelid
      join pg_catalog.pg_class t on t.oid = i.indrelid
     cross join lateral (
             select pg_catalog.substr(pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.length(pg_catalog.format(
                      'CREATE %sINDEX %I ON ', case when i.indisunique then 'UNIQUE ' else '' end, c.relname)) + 1),
                    pg_catalog.format('.%I USING ', t.relname)) x (rest, before)
     where i.indrelid = %(table)s::pg_catalog.regclass and c.relname = %(name)s""",
            ),
        ),
        Attribute(
            facet="unique",
            rule=UNIQUENESS,
            fields=("unique",),
            show=lambda index: "unique" if index.unique else "not unique",
        ),
        Attribute(
            facet="valid",
            rule=INVALID,
            fields=("valid",),
            show=lambda index: "valid" if index.valid else "invalid",
            unstated=lambda index: not index.valid,
        ),
    ),
    shape={"type": "string"},
)
