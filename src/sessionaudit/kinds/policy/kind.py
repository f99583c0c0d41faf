"""Row security policies: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.node import flow
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.policy.model import COMMANDS, MODES, Policy, effective_check, load, read, show_roles, spell
from sessionaudit.sql.text import enclosed

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing(
    "SA511",
    "policy",
    "with row security enabled, the rows that it should allow are hidden, and writes fail (42501) or, for updates "
    "and deletes, change nothing without an error",
)
UNEXPECTED = unexpected(
    "SA512", "policy", "it may give a role access that it should not have, or hide rows from it", Severity.WARNING
)
FORBIDDEN = forbidden("SA513", "policy", "a role may have access that it should not have", Severity.ERROR)
COMMAND = Rule(
    "SA514",
    "policy-command",
    Severity.ERROR,
    "The command of a policy differs from the contract.",
    "It allows commands that it should not, or does not allow those that it should.",
    "The policy {name} of {parent} is for {actual}, expected {expected}: roles have too much or too little access.",
)
MODE = Rule(
    "SA515",
    "policy-mode",
    Severity.ERROR,
    "A policy is restrictive and should be permissive, or the other way round.",
    "A permissive policy gives access, a restrictive one limits it: the effect is the opposite.",
    "The policy {name} of {parent} is {actual}, expected {expected}: it limits access that it should give, or the "
    "other way round.",
)
ROLES = Rule(
    "SA516",
    "policy-roles",
    Severity.ERROR,
    "The roles of a policy differ from the contract.",
    "A role has access that it should not have, or lacks access that it needs.",
    "The policy {name} of {parent} is for {actual}, expected {expected}: roles have too much or too little access.",
)
USING = Rule(
    "SA517",
    "policy-using",
    Severity.ERROR,
    "The USING expression of a policy differs from the contract.",
    "Rows are visible to roles that should not see them, or hidden from roles that should.",
    "The policy {name} of {parent} has another USING expression than expected: rows are wrongly visible or hidden.",
)
CHECK = Rule(
    "SA518",
    "policy-check",
    Severity.ERROR,
    "The WITH CHECK expression of a policy differs from the contract.",
    "Writes fail that should succeed (42501), or succeed that should fail.",
    "The policy {name} of {parent} has another WITH CHECK expression than expected: writes wrongly fail or succeed.",
)


def same_check(expected: Policy, actual: Policy) -> bool | None:
    """Whether the same rows may be written; None where two expressions differ in their spelling."""
    wanted, found = effective_check(expected), effective_check(actual)
    if wanted == found or (expected.check is None and actual.check is None):
        return True
    return False if wanted is None or found is None else None


def same_using(expected: Policy, actual: Policy) -> bool | None:
    """Whether the same rows are let through; None where two expressions differ in their spelling."""
    if expected.using == actual.using:
        return True
    return False if expected.using is None or actual.using is None else None


def lacking(ref: ObjectRef, policy: Policy) -> str:
    """Say who loses which access."""
    who = " and ".join("every role" if role == "public" else role for role in policy.roles)
    if not policy.permissive:
        return (
            f"The restrictive policy {ref.name} of {ref.parent} does not exist: "
            f"{who} may have access that it should not have."
        )
    effects = {
        "select": "reads return no rows",
        "insert": "inserts fail (42501)",
        "update": "updates change nothing, without an error",
        "delete": "deletes remove nothing, without an error",
    }
    effect = effects.get(policy.command, "reads return no rows, updates change nothing, inserts fail (42501)")
    return f"The policy {ref.name} of {ref.parent} does not exist: unless another policy gives {who} access, {effect}."


_READ = """
    select pg_catalog.pg_get_expr(EXPRESSION, p.polrelid)
      from pg_catalog.pg_policy p
     where p.polrelid = %(on)s::pg_catalog.regclass and p.polname = %(name)s"""

KIND = Kind(
    roles=lambda _path, policy: policy.roles,
    name="policy",
    section="policies",
    classes=("policy",),
    within=("table",),
    identity=("relation", "name"),
    model=Policy,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=lambda policy: flow(spell(policy)),
    spell=spell,
    missing=MISSING,
    lacking=lacking,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    misnamed=True,
    attributes=(
        Attribute(facet="for", rule=COMMAND, fields=("command",), show=lambda policy: policy.command),
        Attribute(facet="as", rule=MODE, fields=("permissive",), show=lambda policy: MODES[not policy.permissive]),
        Attribute(facet="to", rule=ROLES, fields=("roles",), show=show_roles, verbatim=True),
        Attribute(
            facet="using",
            rule=USING,
            fields=("using",),
            show=lambda policy: policy.using,
            same=same_using,
            form=Form(
                text=lambda policy: policy.using,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda policy, on, name: (
                        f"create policy {name} on {on} using {enclosed(policy.using or 'true')}",
                    ),
                    read=_READ.replace("EXPRESSION", "p.polqual"),
                    stand_in=TABLE,
                ),
            ),
        ),
        Attribute(
            facet="check",
            rule=CHECK,
            fields=("check",),
            show=effective_check,
            same=same_check,
            form=Form(
                text=effective_check,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda policy, on, name: (
                        f"create policy {name} on {on} with check {enclosed(effective_check(policy) or 'true')}",
                    ),
                    read=_READ.replace("EXPRESSION", "p.polwithcheck"),
                    stand_in=TABLE,
                ),
            ),
        ),
    ),
    shape={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "as": {"enum": list(MODES)},
            "for": {"enum": list(COMMANDS)},
            "to": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
            "using": {"type": "string"},
            "check": {"type": "string"},
        },
    },
)
