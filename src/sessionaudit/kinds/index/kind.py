"""Indexes: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.index.model import Index, create_on, load, read, show

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing("SA401", "index", "queries that rely on it scan the whole table", Severity.WARNING)
UNEXPECTED = unexpected("SA402", "index")
FORBIDDEN = forbidden("SA403", "index", "every write still maintains it")
DEFINITION = Rule(
    "SA404",
    "index-definition",
    Severity.WARNING,
    "The columns, expressions or predicate of an index differ from the contract.",
    "Queries that rely on it scan the whole table; a unique index rejects other duplicates.",
)
UNIQUENESS = Rule(
    "SA405",
    "index-uniqueness",
    Severity.ERROR,
    "Whether an index is unique differs from the contract.",
    "Duplicates are stored that the application considers impossible, or valid rows are rejected (23505).",
    "The index {name} of {parent} is {actual}, expected {expected}: duplicates are stored, or valid rows rejected.",
)
INVALID = Rule(
    "SA406",
    "invalid-index",
    Severity.ERROR,
    "An index is invalid, as after a failed concurrent build.",
    "Queries do not use it, every write maintains it, and a unique one does not guarantee uniqueness. `create index "
    "concurrently if not exists` skips it without an error.",
    "The index {name} of {parent} is invalid: no query uses it, and every write still maintains it.",
)


def lacking(ref: ObjectRef, index: Index) -> str:
    """Say what is slow, or which rows nothing refuses."""
    if not index.unique:
        return MISSING.message.format(name=ref.name, parent=ref.parent)
    return (
        f"The unique index {ref.name} of {ref.parent} does not exist: without a key on these columns, duplicates are "
        "accepted, and `on conflict` on these columns fails (42P10)."
    )


def definition_message(ref: ObjectRef, expected: Index, actual: Index) -> str:
    """Say what is slow, or which rows are refused."""
    unique = expected.unique and actual.unique
    ending = "other duplicates are rejected or accepted" if unique else "queries that rely on it may be slow"
    return f"The index {ref.name} of {ref.parent} differs from the contract: {ending}."


READ = """
    select pg_catalog.substr(x.rest, pg_catalog.strpos(x.rest, x.before) + pg_catalog.length(x.before))
      from pg_catalog.pg_index i
      join pg_catalog.pg_class c on c.oid = i.indexrelid
      join pg_catalog.pg_class t on t.oid = i.indrelid
     cross join lateral (
             select pg_catalog.substr(pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.length(pg_catalog.format(
                      'CREATE %sINDEX %I ON ', case when i.indisunique then 'UNIQUE ' else '' end, c.relname)) + 1),
                    pg_catalog.format('.%I USING ', t.relname)) x (rest, before)
     where i.indrelid = %(on)s::pg_catalog.regclass and c.relname = %(name)s"""

KIND = Kind(
    name="index",
    section="indexes",
    classes=("index",),
    within=("table", "materialized_view"),
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
    ignored=frozenset({"inherited", "lacking"}),
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
                trial=Trial(setup=lambda index, on, name: (create_on(index, on, name),), read=READ, stand_in=TABLE),
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
