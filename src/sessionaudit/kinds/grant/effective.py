"""What a role can do with a table in another way than by what it was granted, and what is closed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.kinds.grant import cells
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.grant.model import Grant, Way

_NAMED = 3  # of the roles in which it can do more

REACHED = Rule(
    "SA526",
    "reached-grant",
    Severity.ERROR,
    "A role can do more with a table than the contract gives it: in another role, as its owner, or as a superuser.",
    "It may do what it must not, whatever it was granted itself: a member of another role inherits its privileges or "
    "takes them on with SET ROLE, an owner grants itself what it lacks, and a superuser is refused nothing.",
)

UNBOUND = Rule(
    "SA528",
    "unbound-role",
    Severity.ERROR,
    "A role is not bound by the row security of a table that it uses.",
    "It reads and writes every row: a superuser, and a role with BYPASSRLS, pass by all policies.",
)

BOUND = Rule(
    "SA530",
    "bound-role",
    Severity.ERROR,
    "A role that its platform lets pass by row security is bound by it.",
    "Its code relies on seeing every row: it sees none but what policies show, and what it writes is refused (42501).",
)
CLOSED = Rule(
    "SA529",
    "closed-grant",
    Severity.ERROR,
    "A role may use a table, but not a function or a sequence that its statements need.",
    "They fail with “permission denied” (42501), although the privilege on the table is there.",
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
    """Say as what the role can do more, and what ends it."""
    if actual.almighty:
        return f"The role {ref.name} is a superuser: it may do everything with {ref.parent}, and with all else."
    beyond = _beyond(expected, actual)
    mighty = sorted({quoted(via) for word, _, via in beyond if word == "superuser"})
    if mighty:
        return f"The role {ref.name} can take on {_either(mighty)} (SET ROLE), a superuser: it may do everything."
    if actual.owner:
        return (
            f"The role {ref.name} owns {ref.parent}: it may do everything with it, grant others what it likes, and "
            "drop it. If that is meant, the contract says so of the table: owner."
        )
    words = {word for word, column, _ in beyond if not column}
    single = {(word, column) for word, column, _ in beyond if column and word not in words}
    more = ", ".join([*cells.phrase(words, single), *(["own (alter, drop, grant)"] if "owns" in words else [])])
    vias = _either(sorted({quoted(via) for _, _, via in beyond}))
    return (
        f"The role {ref.name} may also {more} on {ref.parent} as {vias}, which it is a member of, can take on (SET "
        "ROLE) or can grant itself, and the contract does not give it that."
    )


def _either(names: list[str]) -> str:
    """Some roles, of which any will do."""
    others = len(names) - _NAMED
    return " or ".join(names[:_NAMED]) + (f" or {others} other roles" if others > 0 else "")


def unbound_message(ref: ObjectRef, _expected: Grant, actual: Grant) -> str:
    """Say which attribute it is, and of which role."""
    if actual.unbound.startswith("as "):
        via = quoted(actual.unbound.removeprefix("as "))
        return (
            f"The role {ref.name} can take on {via} (SET ROLE), which has BYPASSRLS: the row security of {ref.parent} "
            "does not hold for it."
        )
    why = "is a superuser" if actual.unbound == "superuser" else "has BYPASSRLS"
    return f"The role {ref.name} {why}: the row security of {ref.parent} does not hold for it."


def bound_message(ref: ObjectRef, _expected: Grant, _actual: Grant) -> str:
    """Say which attribute is lost, and how to give it back."""
    return (
        f"The role {ref.name} has no BYPASSRLS, which its platform gives it: policies of {ref.parent} keep rows from "
        f"it. A superuser gives it back: alter role {quoted(ref.name)} bypassrls."
    )


def shut_out(expected: Grant, actual: Grant) -> list[str]:
    """What the role lacks without which privileges that the contract gives it are of no use."""
    return sorted({what for word, what in actual.closed if word in _given(expected)})


def _given(grant: Grant) -> frozenset[str]:
    """The privileges of a role on the table or on some of its columns."""
    return grant.privileges | {word for word, _ in grant.columns}


def closed_message(ref: ObjectRef, expected: Grant, actual: Grant) -> str:
    """Say what fails, and for want of what."""
    words = ", ".join(cells.phrase(word for word, _ in actual.closed if word in _given(expected)))
    return (
        f"The role {ref.name} lacks {'; '.join(shut_out(expected, actual))}: it may {words} on {ref.parent}, and where "
        "its statements need that, they fail (42501)."
    )
