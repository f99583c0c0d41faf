"""Rewrite rules: what is found of them, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.rewrite_rule.model import (
    STATES,
    RewriteRule,
    create_on,
    divided,
    load,
    read,
    show,
    show_whole,
    spell,
)

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

MISSING = missing(
    "SA631", "rewrite-rule", "statements are executed as they are written, and not as the rule rewrites them"
)
UNEXPECTED = unexpected("SA632", "rewrite-rule", "it adds to what the statements of the application do")
FORBIDDEN = forbidden("SA633", "rewrite-rule", "unless it is disabled, it still changes what statements do")
DEFINITION = Rule(
    "SA634",
    "rewrite-rule-definition",
    Severity.ERROR,
    "The definition of a rewrite rule differs from the contract.",
    "Statements do something else than the contract states, without an error.",
    "The rewrite rule {name} of {parent} differs from the contract: statements do something else than expected.",
)
DISABLED = Rule(
    "SA635",
    "disabled-rewrite-rule",
    Severity.ERROR,
    "A rewrite rule is disabled, or enabled for another replication role than the contract states.",
    "It exists, but is not applied: statements are executed as they are written.",
)
DIVERTING = Rule(
    "SA636",
    "diverting-rewrite-rule",
    Severity.WARNING,
    "A rewrite rule that the contract does not name does something INSTEAD of the statements of the application.",
    "Rows that the application writes vanish, or are written elsewhere, without an error.",
    "The rewrite rule {name} of {parent} is not in the contract, and does something instead of the statements of "
    "the application: what they write may vanish without an error.",
    fix=(
        "If it belongs there, add it to the contract. If not, declare it `absent` there, and `sessionaudit repair` "
        "drops it."
    ),
)


def same_definition(expected: RewriteRule, actual: RewriteRule) -> bool | None:
    """Whether both do the same of the same statements; None where two bodies differ in their spelling."""
    wanted, found = divided(expected.body), divided(actual.body)
    if (expected.event, wanted.instead) != (actual.event, found.instead):
        return False
    return True if wanted == found else None


def state_message(ref: ObjectRef, expected: RewriteRule, actual: RewriteRule) -> str:
    """Say what does not happen."""
    if actual.enabled == "disabled":
        return f"The rewrite rule {ref.name} of {ref.parent} is disabled: statements are executed as they are written."
    if expected.enabled == "disabled":
        return f"The rewrite rule {ref.name} of {ref.parent} is applied, and should be disabled."
    return f"The rewrite rule {ref.name} of {ref.parent} is enabled for another replication role than expected."


# What follows the relation, whose name stands behind the first dot, and without the semicolon at the end.
READ = """
    select pg_catalog.btrim(
             pg_catalog.substr(x.rest, pg_catalog.strpos(x.rest, x.before) + pg_catalog.length(x.before)), E'; \\n')
      from pg_catalog.pg_rewrite w
      join pg_catalog.pg_class t on t.oid = w.ev_class
     cross join lateral (
             select pg_catalog.substr(pg_catalog.pg_get_ruledef(w.oid),
                      pg_catalog.length(pg_catalog.format('CREATE RULE %I AS', w.rulename)) + 1),
                    pg_catalog.format('.%I', t.relname)) x (rest, before)
     where w.ev_class = %(on)s::pg_catalog.regclass and w.rulename = %(name)s"""

KIND = Kind(
    name="rewrite_rule",
    section="rewrite_rules",
    classes=("rule",),
    within=("table",),
    identity=("relation", "name"),
    model=RewriteRule,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show_whole,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    harmful=(DIVERTING, lambda rule: divided(rule.body).instead),
    misnamed=True,
    shapes_writes=True,
    attributes=(
        Attribute(
            facet="definition",
            rule=DEFINITION,
            fields=("event", "body"),
            show=show,
            same=same_definition,
            form=Form(
                text=lambda rule: rule.body,
                sort=Sort.RULE,
                wrap=None,
                trial=Trial(
                    setup=lambda rule, on, name: (create_on(rule, on, name),),
                    read=READ,
                    stand_in=TABLE,
                    rows=("new", "old"),
                ),
            ),
        ),
        Attribute(
            facet="enabled",
            rule=DISABLED,
            fields=("enabled",),
            show=lambda rule: rule.enabled,
            message=state_message,
        ),
    ),
    shape={
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["definition"],
                "properties": {"definition": {"type": "string"}, "enabled": {"enum": list(STATES)}},
            },
        ]
    },
)
