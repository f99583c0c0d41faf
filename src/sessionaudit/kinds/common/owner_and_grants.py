"""The facets of an object that has an owner and grants by role: who lacks a privilege, has more, or may pass it on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import flow
from sessionaudit.kinds.common import role_grants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sessionaudit.core.finding import Rule
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.kinds.common.role_grants import RoleGrants


class Granted(Protocol):
    """An object's owner and grants; None where the contract says nothing of them."""

    @property
    def owner(self) -> str | None:
        """The role that owns it."""
        ...

    @property
    def grants(self) -> RoleGrants | None:
        """What each role was granted itself, the owner among them."""
        ...

    @property
    def held(self) -> RoleGrants:
        """Of a real one, what roles can do that may have more than that, as members of others or as superusers."""
        ...

    @property
    def grantable(self) -> RoleGrants:
        """Of a real one, what roles may grant to others."""
        ...


class Rules(Struct, frozen=True):
    """The rules for another owner, a privilege too few or too many, and one with grant option."""

    owner: Rule
    lacking: Rule
    excess: Rule
    option: Rule


def taking_back(expected: Any, actual: Any) -> Any:
    """The actual one, which also states the roles that it gives nothing and the expected one does."""
    return replace(actual, grants=role_grants.with_all_of(expected.grants or (), actual.grants or ()))


def has(actual: Granted, name: str) -> frozenset[str]:
    """What a role can do: what it, or a role of which it is a member, or all roles were granted."""
    own, held, none = dict(actual.grants or ()), dict(actual.held), frozenset[str]()
    return own.get(name, none) | held.get(name, none) | own.get("public", none)


def lacking(expected: Granted, actual: Granted) -> dict[str, frozenset[str]]:
    """What each role must be able to do and cannot."""
    return role_grants.less(expected.grants or (), {name: has(actual, name) for name, _ in expected.grants or ()})


def excess(expected: Granted, actual: Granted) -> dict[str, frozenset[str]]:
    """What each role of the contract was granted itself beyond that."""
    wanted = dict(expected.grants or ())
    own = [one for one in actual.grants or () if one[0] in wanted and one[0] != actual.owner]
    return role_grants.less(own, wanted)


def passed_on(expected: Granted, actual: Granted) -> RoleGrants:
    """What roles of the contract may grant to others."""
    named = dict(expected.grants or ())
    return tuple(one for one in actual.grantable if one[0] in named)


def with_more(expected: Any, more: Mapping[str, frozenset[str]]) -> Any:
    """What is expected, with grants to which these are added."""
    return replace(expected, grants=role_grants.with_more(expected.grants or (), more))


def spelled(one: Granted, privileges: tuple[str, ...]) -> dict[str, str | list[str]]:
    """What each role but the owner was granted, as the contract writes it."""
    return role_grants.spelled(one.grants or (), privileges, one.owner)


def attributes(
    called: Callable[[ObjectRef], str], privileges: tuple[str, ...], rules: Rules, fails: str
) -> tuple[Attribute[Any], ...]:
    """The facets; `called` names an object in a sentence, `fails` says what a role cannot do that lacks a privilege."""

    def told(
        which: Callable[[Any, Any], Any], verb: str, ending: str, ref: ObjectRef, expected: Any, actual: Any
    ) -> str:
        return f"On {called(ref)}, {role_grants.told(dict(which(expected, actual)), privileges, verb)}{ending}"

    beyond = ", which the contract does not give."
    return (
        Attribute(
            facet="owner",
            rule=rules.owner,
            fields=("owner",),
            show=lambda one: one.owner,
            verbatim=True,
            same=lambda expected, actual: expected.owner in {None, actual.owner},
        ),
        Attribute(
            facet="grants",
            rule=rules.lacking,
            fields=("grants",),
            show=lambda one: flow(spelled(one, privileges)),
            verbatim=True,
            same=lambda expected, actual: not lacking(expected, actual),
            message=partial(told, lacking, "lacks", fails),
            adopt=lambda expected, actual: replace(
                expected, grants=role_grants.without(expected.grants or (), lacking(expected, actual))
            ),
        ),
        Attribute(
            facet="excess",
            keys=("grants",),
            rule=rules.excess,
            fields=("grants",),
            show=lambda one: flow(spelled(one, privileges)),
            verbatim=True,
            same=lambda expected, actual: not excess(expected, actual),
            message=partial(told, excess, "has", beyond),
            adopt=lambda expected, actual: with_more(expected, excess(expected, actual)),
        ),
        Attribute(
            facet="option",
            keys=("grants",),
            rule=rules.option,
            fields=("grantable",),
            show=lambda one: "with grant option" if one.grantable else "no grant option",
            verbatim=True,
            same=lambda expected, actual: not passed_on(expected, actual),
            message=partial(told, passed_on, "may grant others", f" (WITH GRANT OPTION){beyond}"),
            unstated=lambda one: bool(one.grantable),
        ),
    )
