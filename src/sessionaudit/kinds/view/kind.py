"""Views: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.query_text import READ, picked
from sessionaudit.kinds.table.properties import OPTIONS, SEEN_THROUGH, VIEW_OPTIONS
from sessionaudit.kinds.view.model import KEYS, View, condensed, load, read, spell

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = Rule(
    "SA231",
    "missing-view",
    Severity.ERROR,
    "A view of the contract does not exist.",
    "Every statement that names it fails (42P01; PostgREST: PGRST205).",
    "The view {object} does not exist: every statement that names it fails.",
)
FORBIDDEN = Rule(
    "SA232",
    "forbidden-view",
    Severity.WARNING,
    "A view that the contract declares absent exists.",
    "It was meant to be removed; whoever may read it still sees what it shows.",
    "The view {object} exists, and the contract declares it absent.",
)
RELATION = Rule(
    "SA233",
    "view-kind",
    Severity.ERROR,
    "The name of a view belongs to something else, such as a table.",
    "A table in place of a view keeps what was once copied into it, and does not follow the tables that the view "
    "reads.",
    "{object} is a {actual}, expected a view: its rows do not follow the tables that the view would read. Its columns "
    "and other parts were not compared.",
    fix=(
        "If the database is right, state it under `tables` in the contract. If not, rename what is there, run "
        "`sessionaudit repair --apply`, which creates the view, and drop the old one when nobody needs its rows."
    ),
)
QUERY = Rule(
    "SA234",
    "view-query",
    Severity.ERROR,
    "The query of a view differs from the contract.",
    "Its readers see other rows or columns than the application expects, perhaps rows that they should not see.",
    "The query of the view {object} differs from the contract: its readers see other rows or columns.",
)
OWNER = Rule(
    "SA235",
    "view-owner",
    Severity.WARNING,
    "The owner of a view differs from the contract.",
    "Without security_invoker a view reads its tables with its owner's privileges, past the policies that do not bind "
    "the owner; migrations that run as another role fail.",
    "The view {object} belongs to {actual}, expected {expected}: it reads its tables as {actual}.",
)


def seen_message(ref: ObjectRef, _expected: View, actual: View) -> str:
    """Say whose rows the readers see."""
    return (
        f"The view {ref.dotted} reads {', '.join(actual.shown)} as its owner, who bypasses row security there: every "
        "role that may read the view sees every row."
    )


def _words(options: tuple[str, ...] | None) -> str | None:
    return None if options is None else f"[{', '.join(options)}]"


KIND = Kind(
    name="view",
    section="views",
    classes=("view",),
    keys=KEYS,
    identity=("relation",),
    model=View,
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
    apart=lambda _expected, actual: "" if actual.kind == "view" else "kind",
    other=lambda view: view.kind != "view",
    brings=("column",),
    shapes_writes=True,
    needed_by_queries=True,
    ignored=frozenset({"columns"}),
    unstated=lambda view: view.kind != "view",
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
            facet="options",
            rule=OPTIONS,
            fields=("options",),
            show=lambda view: _words(view.options),
            same=lambda expected, actual: expected.options in {None, actual.options},
        ),
        Attribute(
            facet="shown",
            rule=SEEN_THROUGH,
            fields=("shown",),
            show=lambda view: ", ".join(view.shown) or "as its reader",
            same=lambda expected, actual: expected.options is not None or not actual.shown,
            message=seen_message,
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
    commands=("select", "insert", "update", "delete"),
    shape={
        "anyOf": [
            {"type": "string", "description": "The query: what follows AS in CREATE VIEW."},
            {
                "required": ["query"],
                "properties": {
                    "query": {"type": "string", "description": "What follows AS in CREATE VIEW."},
                    "options": {"type": "array", "items": {"enum": list(VIEW_OPTIONS)}, "description": "All of them."},
                    "owner": {"type": "string", "description": "The role that owns the view."},
                },
            },
        ]
    },
)
