"""Schemas: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.counting import listed_words
from sessionaudit.core.entries import by_name, standing
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.core.node import PRESENT
from sessionaudit.kinds.common import owner_and_grants, role_grants
from sessionaudit.kinds.schema.model import (
    PRIVILEGES,
    Namespace,
    condensed,
    load,
    open_to_all,
    read,
    show,
    show_grants,
    spell,
    unnamed_creators,
)
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.ref import ObjectRef

MISSING = Rule(
    "SA005",
    "missing-schema",
    Severity.ERROR,
    "A schema of the contract does not exist.",
    "No object that the contract names in it exists. It may be the wrong database, or a mistake in the contract.",
    "The schema {name} does not exist in this database.",
)
FORBIDDEN = Rule(
    "SA161",
    "forbidden-schema",
    Severity.WARNING,
    "A schema that the contract declares absent exists.",
    "It was meant to be removed; what is in it may still be used.",
    "The schema {name} exists, and the contract declares it absent.",
)
OWNER = Rule(
    "SA162",
    "schema-owner",
    Severity.WARNING,
    "The owner of a schema differs from the contract.",
    "The owner can drop every object in the schema, whoever owns that, and migrations that run as another role fail to "
    "alter the schema.",
    "The schema {name} belongs to {actual}, expected {expected}: {actual} can drop whatever is in it.",
)
GRANTS = Rule(
    "SA163",
    "schema-grant",
    Severity.ERROR,
    "A role lacks a privilege on a schema that the contract gives it.",
    "Without USAGE, all of its statements on objects in the schema fail with “permission denied” (42501), whatever it "
    "was granted on these.",
)
EXCESS = Rule(
    "SA164",
    "schema-excess-grant",
    Severity.WARNING,
    "A role has more privileges on a schema than the contract gives it.",
    "With CREATE it can add functions and tables that other roles call or read in place of those that they mean.",
)
OPEN = Rule(
    "SA165",
    "schema-open-to-all",
    Severity.WARNING,
    "PUBLIC has CREATE on a schema whose grants the contract lists without it.",
    "Every role can add functions and tables that other roles call or read in place of those that they mean "
    "(CVE-2018-1058). PostgreSQL before version 15 grants this on the schema public.",
    "Every role may create objects in the schema {name} through PUBLIC, which the contract does not name there.",
)
PASSED_ON = Rule(
    "SA166",
    "schema-grant-option",
    Severity.WARNING,
    "A role may grant its privileges on a schema to others (WITH GRANT OPTION).",
    "Other roles may get, from this one, privileges that the contract does not give them.",
)
UNNAMED = Rule(
    "SA167",
    "schema-unexpected-grant",
    Severity.NOTE,
    "A role that the contract does not name has CREATE on a schema whose grants it lists.",
    "It can add functions and tables that other roles call or read in place of those that they mean, and why it needs "
    "that is not documented.",
    fix=(
        "If the role needs the privilege, state it under `grants` in the contract. If not, state `ROLE: absent` there, "
        "and `sessionaudit repair` revokes it."
    ),
)


def _unnamed_message(ref: ObjectRef, expected: Namespace, actual: Namespace) -> str:
    names = [quoted(name) for name in unnamed_creators(expected, actual)]
    role, has, them = ("role", "has", "it") if len(names) == 1 else ("roles", "have", "them")
    return (
        f"The {role} {listed_words(names)} {has} CREATE on the schema {ref.name}, and the contract does not name "
        f"{them} there."
    )


def _taking_over(names: Iterable[str], expected: Namespace, actual: Namespace) -> Namespace:
    """What is expected, with what these roles were granted."""
    own = dict(actual.grants or ())
    added: Namespace = owner_and_grants.with_more(expected, {name: own[name] for name in names})
    return added


KIND = Kind(
    name="schema",
    section="schemas",
    classes=("schema",),
    keys=("owner", "grants"),
    identity=("schema",),
    model=Namespace,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_name,
    read=read,
    load=load,
    show=lambda schema: PRESENT if schema == Namespace() else show(schema),
    spell=spell,
    condensed=condensed,
    key=lambda ref, _schema: standing(ref.path[0]),
    taking_back=owner_and_grants.taking_back,
    missing=MISSING,
    forbidden=FORBIDDEN,
    is_schema=True,
    roles=lambda _path, schema: [name for name, _ in schema.grants or () if name != schema.owner],
    verbatim=True,
    attributes=(
        *owner_and_grants.attributes(
            lambda ref: f"the schema {ref.name}",
            PRIVILEGES,
            owner_and_grants.Rules(OWNER, GRANTS, EXCESS, PASSED_ON),
            ", or does not exist: its statements on what is in the schema fail (42501) without USAGE, whatever its "
            "other grants.",
        ),
        Attribute(
            facet="public",
            keys=("grants",),
            rule=OPEN,
            fields=("grants",),
            show=show_grants,
            verbatim=True,
            same=lambda expected, actual: not open_to_all(expected, actual),
            adopt=lambda expected, actual: _taking_over(("public",), expected, actual),
        ),
        Attribute(
            facet="unnamed",
            keys=("grants",),
            rule=UNNAMED,
            fields=("grants",),
            show=show_grants,
            verbatim=True,
            same=lambda expected, actual: not unnamed_creators(expected, actual),
            message=_unnamed_message,
            adopt=lambda expected, actual: _taking_over(unnamed_creators(expected, actual), expected, actual),
        ),
    ),
    ignored=frozenset({"held", "superusers"}),
    shape={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "owner": {"type": "string", "description": "The role that owns the schema."},
            "grants": role_grants.shape(PRIVILEGES),
        },
    },
)
