"""Default privileges: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.common import role_grants
from sessionaudit.kinds.default_privileges.model import (
    EVERYWHERE,
    PRIVILEGES,
    DefaultPrivileges,
    entries,
    excess,
    lacking,
    load,
    others,
    passed_on,
    read,
    regranted,
    respell,
    show,
    spell,
    spell_key,
    taking_back,
    told,
)
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

_OBJECT = "ROLE.SCHEMA"
MISSING = Rule(
    "SA541",
    "missing-default-privilege",
    Severity.ERROR,
    "A role does not get a privilege on new objects that the contract gives it by default.",
    "Its statements on what is created from now on fail with “permission denied” (42501), until somebody grants it.",
    object=_OBJECT,
)
FORBIDDEN = Rule(
    "SA542",
    "forbidden-default-privileges",
    Severity.WARNING,
    "A role has default privileges that the contract declares absent.",
    "Whatever it creates from now on is open to others as soon as it exists.",
    object=_OBJECT,
)
EXCESS = Rule(
    "SA543",
    "excess-default-privilege",
    Severity.WARNING,
    "A role gets more privileges on new objects than the contract gives it by default.",
    "It has access that it should not have to what is created from now on. Existing objects keep what was granted on "
    "them.",
    object=_OBJECT,
)
UNEXPECTED = Rule(
    "SA544",
    "unexpected-default-privilege",
    Severity.NOTE,
    "A role that the contract does not name gets privileges on new objects of a sort whose grants it lists.",
    "Why the role needs them is not documented.",
    object=_OBJECT,
)
PASSED_ON = Rule(
    "SA545",
    "default-grant-option",
    Severity.WARNING,
    "A role gets privileges on new objects that it may grant to others (WITH GRANT OPTION).",
    "Other roles may get, from this one, privileges that the contract does not give them.",
    object=_OBJECT,
)
NO_ROLE = Rule(
    "SA546",
    "default-privileges-without-role",
    Severity.ERROR,
    "The role whose default privileges the contract states does not exist.",
    "What it creates is not open to the roles that the contract names. It may be the wrong server, or a mistake in "
    "the contract.",
    object=_OBJECT,
    fix="Connect to the right server, create the role, or correct its name in the contract.",
)


def _where(ref: ObjectRef) -> str:
    role, schema = ref.path
    return f"what {quoted(role)} creates{'' if schema == EVERYWHERE else f' in the schema {quoted(schema)}'}"


def _message(ref: ObjectRef, found: dict[str, dict[str, frozenset[str]]], verb: str, ending: str) -> str:
    return f"Of {_where(ref)}, {told(found, verb)}{ending}"


KIND = Kind(
    name="default_privileges",
    section="default_privileges",
    classes=("default acl",),
    identity=("role", "schema"),
    model=DefaultPrivileges,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    read=read,
    load=load,
    respell=respell,
    show=show,
    spell=spell,
    key=lambda ref, _privileges: spell_key(ref.path),
    taking_back=taking_back,
    missing=MISSING,
    lacking=lambda ref, expected: _message(
        ref, lacking(expected, DefaultPrivileges()), "does not get", ": it fails with “permission denied” (42501)."
    ),
    forbidden=FORBIDDEN,
    forbid=lambda ref, _actual: f"Default privileges open {_where(ref)}, and the contract declares them absent.",
    other=lambda privileges: not privileges.stored,
    apart=lambda _expected, actual: "role" if actual.gone else "",
    unstated=lambda privileges: privileges.gone,
    borrowed=True,
    roles=lambda path, found: [path[0], *(name for _, said in found.grants for name, _ in said)],
    belongs_to=lambda path: path[:1],
    ignored=frozenset({"stored", "own"}),
    verbatim=True,
    attributes=(
        Attribute(
            facet="role",
            rule=NO_ROLE,
            fields=("gone",),
            show=lambda privileges: "no such role" if privileges.gone else "a role",
            verbatim=True,
            message=lambda ref, _expected, _actual: (
                f"The role {quoted(ref.path[0])} does not exist: the contract states its default privileges."
            ),
            unstated=lambda privileges: privileges.gone,
        ),
        Attribute(
            facet="privileges",
            keys=tuple(PRIVILEGES),
            rule=MISSING,
            fields=("grants",),
            show=show,
            verbatim=True,
            same=lambda expected, actual: not lacking(expected, actual),
            message=lambda ref, expected, actual: _message(
                ref,
                lacking(expected, actual),
                "does not get",
                ", or does not exist: statements fail with “permission denied” (42501).",
            ),
            adopt=lambda expected, actual: regranted(expected, lacking(expected, actual), role_grants.without),
        ),
        Attribute(
            facet="excess",
            keys=tuple(PRIVILEGES),
            rule=EXCESS,
            fields=("grants",),
            show=show,
            verbatim=True,
            same=lambda expected, actual: not excess(expected, actual),
            message=lambda ref, expected, actual: _message(
                ref, excess(expected, actual), "gets", ", which the contract does not give."
            ),
            adopt=lambda expected, actual: regranted(expected, excess(expected, actual), role_grants.with_more),
        ),
        Attribute(
            facet="others",
            keys=tuple(PRIVILEGES),
            rule=UNEXPECTED,
            fields=("grants",),
            show=show,
            verbatim=True,
            same=lambda expected, actual: not others(expected, actual),
            message=lambda ref, expected, actual: _message(
                ref, others(expected, actual), "gets", ", which the contract does not name there."
            ),
            adopt=lambda expected, actual: regranted(expected, others(expected, actual), role_grants.with_more),
        ),
        Attribute(
            facet="option",
            keys=tuple(PRIVILEGES),
            rule=PASSED_ON,
            fields=("grantable",),
            show=lambda privileges: "with grant option" if privileges.grantable else "no grant option",
            verbatim=True,
            same=lambda expected, actual: not passed_on(expected, actual),
            message=lambda ref, expected, actual: _message(
                ref, passed_on(expected, actual), "may grant others", " (WITH GRANT OPTION)."
            ),
            unstated=lambda privileges: bool(privileges.grantable),
        ),
    ),
    shape={
        "type": "object",
        "additionalProperties": False,
        "properties": {sort: role_grants.shape(words) for sort, words in PRIVILEGES.items()},
    },
)
