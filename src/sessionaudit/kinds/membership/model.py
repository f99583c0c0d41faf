"""Memberships of roles in others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.entries import bare
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import (
    ABSENT,
    PRESENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    described,
    flow,
    known_keys,
    mapping,
    name,
    one_of,
    sequence,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = ("admin", "inherit", "set")
_HINT = "As in: {admin: true}."
_WHAT = "a list of roles, or a mapping of roles to options"


class Membership(Compared, frozen=True, kw_only=True):
    """A role's membership in another one, with the options of GRANT; None where nothing is said or known of one.

    `gone` are those of the two roles that do not exist. `inheriting` tells of a real one whether the member inherits
    from a role where the grant does not say so; `grantors` are the roles without whose admin option it cannot be.
    """

    aside: ClassVar = frozenset({"grantors", "inheriting"})

    admin: bool | None = None
    inherit: bool | None = None
    set: bool | None = None
    gone: tuple[str, ...] = ()
    inheriting: bool = True
    grantors: tuple[str, ...] = ()


def entries(node: Node, _scope: Scope) -> Iterator[Entry]:
    """Read `member: [role]`, or `member: {role: options}`, with `absent` for no membership. Raises NodeError."""
    for key, said in mapping(node, f"a mapping of members to {_WHAT}").items():
        member = _role(name(key))
        if isinstance(said, Mapping):
            for role, value in said.items():
                if isinstance(value, Scalar) and value not in {ABSENT, PRESENT}:
                    raise NodeError(f"expected “{ABSENT}” or options, found {described(value)}", value, _HINT)
                yield Entry((member, _role(name(role))), role, role if value == PRESENT else value)
            continue
        for one in sequence(said, _WHAT):
            role = name(text(one, "a role"))
            yield Entry((member, _role(role)), role, role)


def _role(key: Scalar) -> str:
    if key.lower() == "public":
        raise NodeError("PUBLIC is no role, and has no members", key, "Every role has what is granted to it.")
    return bare(key)


def read(node: Node, _schema: str) -> Membership:
    """Read an entry: the name of a role, or a mapping of the options of GRANT."""
    if isinstance(node, Scalar):
        return Membership()
    found = mapping(node, "a mapping of options, such as {admin: true}")
    known_keys(found, OPTIONS, "a membership")
    said = {str(key): one_of(value, ("true", "false")) == "true" for key, value in found.items()}
    return Membership(admin=said.get("admin"), inherit=said.get("inherit"), set=said.get("set"))


def load(row: tuple[Any, ...], _schema: str) -> Membership:
    """Make a Membership of a row of the catalog query."""
    gone, admin, inherit, set_, inheriting, grantors = row
    return Membership(
        admin=admin,
        inherit=inherit,
        set=set_,
        gone=tuple(gone),
        inheriting=inheriting,
        grantors=tuple(grantors),
    )


def spell(membership: Membership) -> dict[str, bool] | None:
    """The options that are known, as the contract writes them; None where there are none."""
    found = {option: getattr(membership, option) for option in OPTIONS}
    return {option: value for option, value in found.items() if value is not None} or None


def condensed(membership: Membership) -> dict[str, bool] | None:
    """The options that are others than those of a GRANT that states none."""
    usual = {"admin": False, "inherit": membership.inheriting, "set": True}
    return {option: value for option, value in (spell(membership) or {}).items() if value != usual[option]} or None


def show(membership: Membership) -> str:
    """The options that are others than the usual ones, as the contract writes them."""
    found = condensed(membership)
    return "a member" if found is None else f"{{{', '.join(f'{key}: {flow(said)}' for key, said in found.items())}}}"
