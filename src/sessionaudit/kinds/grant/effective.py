"""What a role can do with a table other than by its own grants, and what it lacks to use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds.grant import column_privileges
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.grant.model import Grant, Way

_NAMED = 3  # of the roles in which it can do more

REACHED = Rule(
    "SA526",
    "reached-grant",
    Severity.ERROR,
    "A role has more access to a table than the contract gives it: through another role, as its owner, or as a "
    "superuser.",
    "Its own grants do not limit it: a member of another role inherits its privileges or uses them with SET ROLE, an "
    "owner can grant itself any privilege, and a superuser bypasses all checks.",
    fix=(
        "If the role should not have this access, revoke its membership, change the owner of the table, or take "
        "SUPERUSER from the role, as the finding says. If it should, state the privileges in the contract."
    ),
)

UNBOUND = Rule(
    "SA528",
    "unbound-role",
    Severity.ERROR,
    "A role bypasses the row security of a table that it uses.",
    "It reads and writes every row: superusers and roles with BYPASSRLS bypass all policies.",
    fix=(
        "Run `alter role NAME nobypassrls` as a superuser. If the role is meant to see every row, accept the "
        "finding with a waiver."
    ),
)

BOUND = Rule(
    "SA530",
    "bound-role",
    Severity.ERROR,
    "A role that should bypass row security on its platform is subject to it.",
    "Code that uses it relies on seeing every row: it sees only rows that policies allow, and its writes fail (42501).",
    fix="Run `alter role NAME bypassrls` as a superuser.",
)
CLOSED = Rule(
    "SA529",
    "closed-grant",
    Severity.ERROR,
    "A role has privileges on a table, but not on a function or sequence that its statements need.",
    "Its statements fail with “permission denied” (42501), although the privilege on the table is there.",
    fix=(
        "Grant what the finding names: `grant usage on sequence NAME to ROLE`, or `grant execute on function NAME "
        "to ROLE`. If the role is meant to lack it, state that with `closed` under `grants`."
    ),
)


def same(expected: Grant, actual: Grant) -> bool:
    """Whether the role comes by nothing else than what the contract gives it, whatever the way."""
    return not actual.almighty and not actual.owner and not _beyond(expected, actual)


def _beyond(expected: Grant, actual: Grant) -> frozenset[Way]:
    """What it can do in another role and must not: of `all`, that is what no privilege gives."""
    return frozenset(
        (word, column, via)
        for word, column, via in actual.reach
        if word in {"owns", "superuser"}
        or not (
            expected.every
            or via in actual.excused
            or word in expected.privileges
            or (column and (word, column) in expected.columns)
        )
    )


def stated_owner(table: Any, role: str, expected: Grant, actual: Grant) -> bool:
    """Whether the contract says itself that the role owns the table, and it is no superuser in any way."""
    mighty = actual.almighty or any(word == "superuser" for word, _, _ in _beyond(expected, actual))
    return bool(actual.owner and not mighty and table.owner == role)


def message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say through what the role has more access."""
    if actual.almighty:
        return f"The role {ref.name} is a superuser: it may do everything, on {ref.parent} and elsewhere."
    beyond = _beyond(expected, actual)
    mighty = sorted({quoted(via) for word, _, via in beyond if word == "superuser"})
    if mighty:
        return f"The role {ref.name} can become {_either(mighty)} (SET ROLE), a superuser: it may do everything."
    if actual.owner:
        return (
            f"The role {ref.name} owns {ref.parent}: it may do everything with it, grant any privilege on it, and "
            "drop it. If that is intended, state it in the contract, as the table's `owner`."
        )
    words = {word for word, column, _ in beyond if not column}
    single = {(word, column) for word, column, _ in beyond if column and word not in words}
    more = ", ".join(
        [*column_privileges.phrase(words, single), *(["own (alter, drop, grant)"] if "owns" in words else [])]
    )
    vias = _either(sorted({quoted(via) for _, _, via in beyond}))
    return (
        f"The role {ref.name} may also {more} on {ref.parent} as {vias}, of which it is a member, which it can become "
        "(SET ROLE) or can grant itself; the contract does not give it that."
    )


def _either(names: list[str]) -> str:
    """Names of roles, joined by “or”."""
    others = len(names) - _NAMED
    return " or ".join(names[:_NAMED]) + (f" or {others} other roles" if others > 0 else "")


def unbound_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say which attribute it is, and of which role."""
    if actual.unbound.startswith("as "):
        via = quoted(actual.unbound.removeprefix("as "))
        return (
            f"The role {ref.name} can become {via} (SET ROLE), which has BYPASSRLS: it bypasses the row security of "
            f"{ref.parent}."
        )
    why = "is a superuser" if actual.unbound == "superuser" else "has BYPASSRLS"
    return f"The role {ref.name} {why}: it bypasses the row security of {ref.parent}."


def bound_message(ref: ObjectRef, _expected: Grant, _actual: Grant) -> str:
    """Say that the attribute is missing, and how to restore it."""
    return (
        f"The role {ref.name} lacks BYPASSRLS, which its platform gives it: policies of {ref.parent} hide rows from "
        f"it. As a superuser: alter role {quoted(ref.name)} bypassrls."
    )


def shut_out(expected: Grant, actual: Grant) -> list[str]:
    """What the role lacks to use the privileges that the contract gives it."""
    return [] if expected.shut else sorted({what for _, what, _ in _closed(expected, actual)})


def _closed(expected: Grant, actual: Grant) -> list[tuple[str, str, str]]:
    """What is closed to it, and the contract does not say so."""
    given = _given(expected)
    return [one for one in actual.closed if one[0] in given and one[2] not in expected.may_lack]


def _given(grant: Grant) -> frozenset[str]:
    """The privileges of a role on the table or on some of its columns."""
    return grant.privileges | {word for word, _ in grant.columns}


def with_what_is_closed(expected: Grant, actual: Grant) -> Grant:
    """Return the expected grant, which then says what may be closed to the role."""
    return replace(expected, may_lack=expected.may_lack.union(what for _, _, what in _closed(expected, actual)))


def closed_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what fails, and what is missing."""
    words = ", ".join(column_privileges.phrase(word for word, _, _ in _closed(expected, actual)))
    return (
        f"The role {ref.name} lacks {'; '.join(shut_out(expected, actual))}: it may {words} on {ref.parent}, but "
        "statements that need this fail (42501)."
    )
