"""Materialized views: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.query_text import READ, picked
from sessionaudit.kinds.materialized_view.model import (
    KEYS,
    MaterializedView,
    condensed,
    load,
    read,
    show_populated,
    spell,
)

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA241",
    "missing-materialized-view",
    Severity.ERROR,
    "A materialized view of the contract does not exist.",
    "Every statement that names it fails (42P01; PostgREST: PGRST205).",
    "The materialized view {object} does not exist: every statement that names it fails.",
)
FORBIDDEN = Rule(
    "SA242",
    "forbidden-materialized-view",
    Severity.WARNING,
    "A materialized view that the contract declares absent exists.",
    "It was meant to be removed; whoever may read it still sees the rows that it holds.",
    "The materialized view {object} exists, and the contract declares it absent.",
)
RELATION = Rule(
    "SA243",
    "materialized-view-kind",
    Severity.ERROR,
    "The name of a materialized view belongs to something else, such as a table.",
    "REFRESH fails, and its rows are not those that the query would give.",
    "{object} is a {actual}, expected a materialized view: REFRESH fails. Its columns and other parts were not "
    "compared.",
    fix=(
        "If the database is right, state it under `tables` or `views` in the contract. If not, rename what is "
        "there, run `sessionaudit repair --apply`, which creates the materialized view, and drop the old one when "
        "nobody needs it."
    ),
)
QUERY = Rule(
    "SA244",
    "materialized-view-query",
    Severity.ERROR,
    "The query of a materialized view differs from the contract.",
    "Its readers see other rows or columns than the application expects, perhaps rows that they should not see.",
    "The query of the materialized view {object} differs from the contract: its readers see other rows or columns.",
)
POPULATED = Rule(
    "SA245",
    "unpopulated-materialized-view",
    Severity.ERROR,
    "Whether a materialized view is populated differs from the contract.",
    "Every statement that reads one that was created WITH NO DATA fails (55000) until REFRESH MATERIALIZED VIEW has "
    "filled it.",
    otherwise="A warning where it holds rows, and the contract says that it does not.",
)
OWNER = Rule(
    "SA246",
    "materialized-view-owner",
    Severity.WARNING,
    "The owner of a materialized view differs from the contract.",
    "It is filled with its owner's privileges, past the policies that do not bind the owner; only the owner may "
    "refresh it.",
    "The materialized view {object} belongs to {actual}, expected {expected}: it holds what {actual} may read.",
)


def same_populated(expected: MaterializedView, actual: MaterializedView) -> bool:
    """Whether it holds rows as expected: where the contract says nothing, it must, since reading it fails else."""
    return actual.populated == (expected.populated is not False)


def populated_severity(_expected: MaterializedView, actual: MaterializedView) -> Severity:
    """An error where reading it fails."""
    return Severity.WARNING if actual.populated else Severity.ERROR


def populated_message(ref: ObjectRef, _expected: MaterializedView, actual: MaterializedView) -> str:
    """Say what fails."""
    if actual.populated:
        return f"The materialized view {ref.dotted} holds rows, and the contract says that it is not populated."
    return (
        f"The materialized view {ref.dotted} is not populated: every statement that reads it fails (55000) until it is "
        "refreshed."
    )


KIND = Kind(
    name="materialized_view",
    section="materialized_views",
    classes=("materialized view",),
    keys=KEYS,
    identity=("relation",),
    model=MaterializedView,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=lambda view: view.query,
    spell=spell,
    condensed=condensed,
    missing=MISSING,
    forbidden=FORBIDDEN,
    apart=lambda _expected, actual: "" if actual.kind == "materialized view" else "kind",
    other=lambda view: view.kind != "materialized view",
    brings=("column",),
    needed_by_queries=True,
    ignored=frozenset({"columns"}),
    unstated=lambda view: view.kind != "materialized view",
    attributes=(
        Attribute(facet="kind", rule=RELATION, fields=("kind",), show=lambda view: view.kind, verbatim=True),
        Attribute(
            facet="query",
            rule=QUERY,
            needed_by_queries=True,
            fields=("query",),
            show=lambda view: view.query,
            form=Form(
                text=lambda view: view.query,
                sort=Sort.QUERY,
                wrap=str,
                trial=Trial(
                    setup=lambda view, on, _name: (f"create view {on} as {view.query}",), read=READ, pick=picked
                ),
            ),
        ),
        Attribute(
            facet="populated",
            rule=POPULATED,
            needed_by_queries=True,
            fields=("populated",),
            show=show_populated,
            verbatim=True,
            same=same_populated,
            severity=populated_severity,
            message=populated_message,
        ),
        Attribute(
            facet="owner",
            rule=OWNER,
            fields=("owner",),
            show=lambda view: view.owner,
            verbatim=True,
            same=lambda expected, actual: expected.owner in {None, actual.owner},
        ),
    ),
    commands=("select",),
    shape={
        "anyOf": [
            {"type": "string", "description": "The query: what follows AS in CREATE MATERIALIZED VIEW."},
            {
                "required": ["query"],
                "properties": {
                    "query": {"type": "string", "description": "What follows AS in CREATE MATERIALIZED VIEW."},
                    "populated": {"type": "boolean", "description": "Whether it holds rows; true if omitted."},
                    "owner": {"type": "string", "description": "The role that owns it."},
                },
            },
        ]
    },
)
