"""Memberships of roles: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.membership.model import (
    OPTIONS,
    Membership,
    condensed,
    entries,
    load,
    read,
    show,
    spell,
)
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

MISSING = Rule(
    "SA551",
    "missing-membership",
    Severity.ERROR,
    "A role is not a member of another one, as the contract states it.",
    "It lacks the privileges of that role, and cannot take it on: SET ROLE fails with “permission denied” (42501). "
    "PostgREST takes on a role for each request.",
    "The role {parent} is not a member of {name}: it lacks its privileges, and cannot take it on (42501).",
)
FORBIDDEN = Rule(
    "SA552",
    "forbidden-membership",
    Severity.ERROR,
    "A role is a member of another one, and the contract declares that absent.",
    "It can do all that the other role may do, at once or after SET ROLE.",
    "The role {parent} is a member of {name}, and the contract declares that absent: it may do what {name} may.",
)
NO_ROLE = Rule(
    "SA553",
    "membership-without-role",
    Severity.ERROR,
    "A role whose membership the contract states does not exist.",
    "Whatever relies on the membership fails. It may be the wrong server, or a mistake in the contract.",
    fix="Connect to the right server, create the role, or correct its name in the contract.",
)
ADMIN = Rule(
    "SA554",
    "membership-admin-option",
    Severity.WARNING,
    "Whether a member may grant the role to others differs from the contract. Where the contract does not say, it "
    "may not.",
    "The member can make other roles members, too.",
)
INHERIT = Rule(
    "SA555",
    "membership-inherit-option",
    Severity.ERROR,
    "Whether a member has the privileges of the role without SET ROLE differs from the contract.",
    "Its statements fail with “permission denied” (42501) unless it runs SET ROLE first, or it has more access than "
    "the contract states.",
    otherwise="A warning where the member has the option, and the contract says that it does not.",
)
SET = Rule(
    "SA556",
    "membership-set-option",
    Severity.ERROR,
    "Whether a member may take the role on with SET ROLE differs from the contract.",
    "SET ROLE fails with “permission denied” (42501), or the member can act as the role, and own objects as it.",
    otherwise="A warning where the member has the option, and the contract says that it does not.",
)


def same_admin(expected: Membership, actual: Membership) -> bool:
    """Whether the member may pass the role on as stated; without a word it may not."""
    return bool(expected.admin) == bool(actual.admin)


def admin_message(ref: ObjectRef, expected: Membership, _actual: Membership) -> str:
    """Say who may pass on what."""
    may = "may not grant" if expected.admin else "may grant"
    ending = "and should" if expected.admin else "to others (WITH ADMIN OPTION), which the contract does not state"
    return f"The role {ref.parent} {may} {ref.name}{', ' if expected.admin else ' '}{ending}."


def _known(expected: bool | None, actual: bool | None) -> bool:
    """Whether they are the same, as far as the contract says and the server knows."""
    return expected is None or actual is None or expected == actual


def gone_message(ref: ObjectRef, _expected: Membership, actual: Membership) -> str:
    """Say which roles do not exist."""
    names = " and ".join(quoted(name) for name in actual.gone)
    start = f"The roles {names} do" if len(actual.gone) > 1 else f"The role {names} does"
    return f"{start} not exist: the contract states that {ref.parent} is a member of {ref.name}."


KIND = Kind(
    name="membership",
    section="memberships",
    classes=("role membership",),
    identity=("member", "role"),
    model=Membership,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=entries,
    grouped=True,
    read=read,
    load=load,
    show=show,
    spell=spell,
    condensed=condensed,
    missing=MISSING,
    forbidden=FORBIDDEN,
    other=lambda membership: bool(membership.gone),
    apart=lambda _expected, actual: "role" if actual.gone else "",
    unstated=lambda membership: bool(membership.gone),
    belongs_to=lambda path: path,
    among_roles=True,
    borrowed=True,
    verbatim=True,
    ignored=frozenset({"inheriting", "grantors"}),
    attributes=(
        Attribute(
            facet="role",
            rule=NO_ROLE,
            fields=("gone",),
            show=lambda membership: "no such role" if membership.gone else "a member",
            verbatim=True,
            message=gone_message,
            unstated=lambda membership: bool(membership.gone),
        ),
        Attribute(
            facet="admin",
            rule=ADMIN,
            fields=("admin",),
            show=lambda membership: f"admin {str(bool(membership.admin)).lower()}",
            verbatim=True,
            same=same_admin,
            message=admin_message,
        ),
        Attribute(
            facet="inherit",
            rule=INHERIT,
            fields=("inherit",),
            show=lambda membership: f"inherit {str(membership.inherit).lower()}",
            verbatim=True,
            same=lambda expected, actual: _known(expected.inherit, actual.inherit),
            severity=lambda expected, _actual: Severity.ERROR if expected.inherit else Severity.WARNING,
            message=lambda ref, expected, _actual: (
                f"The role {ref.parent} has the privileges of {ref.name} only after SET ROLE, and should inherit them."
                if expected.inherit
                else f"The role {ref.parent} inherits the privileges of {ref.name}, and should not."
            ),
        ),
        Attribute(
            facet="set",
            rule=SET,
            fields=("set",),
            show=lambda membership: f"set {str(membership.set).lower()}",
            verbatim=True,
            same=lambda expected, actual: _known(expected.set, actual.set),
            severity=lambda expected, _actual: Severity.ERROR if expected.set else Severity.WARNING,
            message=lambda ref, expected, _actual: (
                f"The role {ref.parent} may not take on {ref.name} with SET ROLE (42501), and should."
                if expected.set
                else f"The role {ref.parent} may take on {ref.name} with SET ROLE, and should not."
            ),
        ),
    ),
    shape={
        "anyOf": [
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        {"enum": ["absent", "present"]},
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {option: {"type": "boolean"} for option in OPTIONS},
                        },
                    ]
                },
            },
        ]
    },
)
