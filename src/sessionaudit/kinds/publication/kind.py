"""Publications: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.publication.model import Publication, entries, load, read, spell
from sessionaudit.sql.text import enclosed, quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA701",
    "missing-publication",
    Severity.ERROR,
    "A table is missing from a publication of the contract.",
    "Subscribers do not receive its changes: replicas and live views become outdated.",
)
UNEXPECTED = Rule(
    "SA702",
    "unexpected-publication",
    Severity.NOTE,
    "A publication contains a table that the contract does not list for it.",
    "Its changes are sent to subscribers that the contract does not provide for.",
    "A publication contains a table that the contract does not list for it: {object}.",
    fix="If subscribers should have it, list it in the contract. If not, declare it `absent` there, as in "
    "`publications: {NAME: {TABLE: absent}}`, and `sessionaudit repair` takes it out of the publication.",
)
FORBIDDEN = Rule(
    "SA703",
    "forbidden-publication",
    Severity.WARNING,
    "A publication contains a table that the contract excludes from it.",
    "Its changes are sent to subscribers that must not receive them.",
    "A publication contains a table that the contract excludes from it: {object}.",
)
UNIDENTIFIED = Rule(
    "SA704",
    "published-without-identity",
    Severity.ERROR,
    "A published table has no replica identity.",
    "PostgreSQL refuses every UPDATE and DELETE of it (55000), as long as the publication publishes such changes. By "
    "default the primary key is the replica identity, unless it is deferrable.",
    fix=(
        "Give the table a primary key, or run `alter table NAME replica identity full`. If the contract states the "
        "key, `sessionaudit repair` creates it."
    ),
)


def lacking(ref: ObjectRef, _publication: Publication) -> str:
    """Say who receives no changes."""
    publication, *table = ref.path
    return (
        f"The publication {quoted(publication)} does not contain {dotted(tuple(table))}, or does not exist: its "
        "subscribers receive no changes of the table."
    )


def refusing_message(ref: ObjectRef, _expected: Publication, actual: Publication) -> str:
    """Say what is refused."""
    return (
        f"The publication {quoted(ref.path[0])} sends changes of {', '.join(actual.refusing)}, which has no replica "
        "identity: every UPDATE and DELETE there fails (55000)."
    )


COLUMNS = Rule(
    "SA705",
    "publication-columns",
    Severity.WARNING,
    "The columns of a table that a publication sends differ from the contract.",
    "Subscribers lack columns, or receive columns that they must not receive.",
    "The publication sends the columns {actual} of {object}, expected {expected}: subscribers lack some, "
    "or receive some "
    "that they must not.",
)
FILTER = Rule(
    "SA706",
    "publication-filter",
    Severity.WARNING,
    "The rows of a table that a publication sends differ from the contract.",
    "Subscribers lack rows, or receive rows that they must not receive.",
    "The publication sends the rows of {object} where {actual}, expected {expected}: subscribers lack some, or receive "
    "some that they must not.",
)


def same_filter(expected: Publication, actual: Publication) -> bool | None:
    """Whether the same rows are sent; None if the conditions are spelled differently."""
    if expected.where is None or actual.where is None:
        return expected.where == actual.where
    return True if expected.where == actual.where else None


def _columns(publication: Publication) -> str:
    return ", ".join(map(quoted, publication.columns)) or "all"


KIND = Kind(
    name="publication",
    borrowed=True,
    section="publications",
    classes=("publication relation",),
    identity=("publication", "schema", "name"),
    model=Publication,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    grouped=True,
    read=read,
    load=load,
    show=lambda publication: spell(publication) or PRESENT,
    spell=spell,
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    attributes=(
        Attribute(
            facet="identity",
            rule=UNIDENTIFIED,
            fields=("refusing",),
            show=lambda one: f"none for {', '.join(one.refusing)}" if one.refusing else "a replica identity",
            message=refusing_message,
            unstated=lambda one: bool(one.refusing),
            elsewhere=True,
        ),
        Attribute(
            facet="columns",
            rule=COLUMNS,
            fields=("columns",),
            show=_columns,
        ),
        Attribute(
            facet="where",
            rule=FILTER,
            fields=("where",),
            show=lambda publication: publication.where or "true",
            same=same_filter,
            form=Form(
                text=lambda publication: publication.where,
                wrap=lambda condition: f"select {condition}",
                trial=Trial(
                    setup=lambda publication, on, name: (
                        f"create policy {name} on {on} using {enclosed(publication.where or 'true')}",
                    ),
                    read="""
    select pg_catalog.pg_get_expr(p.polqual, p.polrelid)
      from pg_catalog.pg_policy p
     where p.polrelid = %(on)s::pg_catalog.regclass and p.polname = %(name)s""",
                    stand_in=TABLE,
                    at=1,
                ),
            ),
        ),
    ),
    ignored=frozenset({"listed"}),
    shape={
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ]
    },
)
