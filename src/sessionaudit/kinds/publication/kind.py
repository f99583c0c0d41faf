"""Publications: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import in_lists
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.publication.model import Publication, load, read
from sessionaudit.sql.text import quoted

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


KIND = Kind(
    name="publication",
    borrowed=True,
    section="publications",
    classes=(
        "publication",
        "publication relation",
    ),
    identity=("publication", "schema", "name"),
    model=Publication,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=in_lists,
    read=read,
    load=load,
    show=lambda _publication: PRESENT,
    spell=lambda _publication: None,
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
        ),
    ),
    shape={"type": "array", "items": {"type": "string"}},
)
