"""Find which privileges the role lacks for steps, and whose what it must own is; say it with what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.counting import counted, listed_words
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Need
from sessionaudit.kinds import KINDS
from sessionaudit.sql.text import literal, quoted, sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.connection import Connection

_TOGETHER = 500  # privileges that are checked in one query
_OWNERS = """
select array(select pg_catalog.pg_get_userbyid(o.oid)::text
               from pg_catalog.unnest(array[{owners}]::oid[]) with ordinality o (oid, place) order by o.place),
       array(select r.rolname::text from pg_catalog.pg_roles r where r.rolsuper)"""
# The kinds of objects that are in a schema, which their paths begin with.
_IN_SCHEMAS = {kind.name for kind in KINDS if kind.identity[0] in {"schema", "relation"} and not kind.is_schema}
_MAY = "(select pg_catalog.has_schema_privilege({}n.oid, 'USAGE') from pg_catalog.pg_namespace n where n.nspname = {})"


class LackingNeed(NamedTuple):
    """A need that is not met: the steps that have it, the role that lacks it, and the owner, if one is needed.

    `by_mighty` says that the owner is a superuser, of which nobody should be made a member.
    """

    need: Need
    actions: tuple[str, ...]
    role: str
    owner: str = ""
    by_mighty: bool = False


def needs_of(step: Step) -> tuple[Need, ...]:
    """Return all that the role needs for a step."""
    return (*step.needs, *_using(step))


def _using(step: Step) -> Iterator[Need]:
    """Yield the need of USAGE on the schema of the object that a step changes, and of those that its SQL names."""
    named = "\n".join(step.sql)
    own = [step.ref.path] if step.ref.kind in _IN_SCHEMAS else []
    paths = (*own, *(path for path in (*step.locks, *step.beside) if dotted(path[:2]) in named))
    for schema in dict.fromkeys(path[0] for path in paths):
        yield Need(
            _MAY.format("", literal(schema)),
            f"have USAGE on the schema {quoted(schema)}",
            f"grant usage on schema {quoted(schema)} to {{role}};",
            of_another=_MAY.format("{role}, ", literal(schema)),
        )


def rights_of(connection: Connection, steps: Sequence[Step]) -> tuple[LackingNeed, ...]:
    """Find all missing privileges of the role, and whose is what it must own."""
    found = tuple(lacking(connection, [(need, step.action) for step in steps for need in needs_of(step)]))
    owned = [one for one in found if one.need.owner]
    if not owned:
        return found
    owners = ", ".join(f"({one.need.owner})" for one in owned)
    row = connection.execute(sent(_OWNERS.format(owners=owners))).fetchone()
    names, mighty = row or ((), ())
    whose = dict(zip((one.need for one in owned), names, strict=True))
    return tuple(
        one._replace(owner=name, by_mighty=name in mighty) if (name := whose.get(one.need)) else one for one in found
    )


def without_inherited(connection: Connection, unmet: Sequence[LackingNeed]) -> list[LackingNeed]:
    """Return what is lacking without what the role has as soon as it is a member of the owners."""
    owners = [*dict.fromkeys(literal(one.owner) for one in unmet if one.owner and not one.by_mighty)]
    asked = [one for one in unmet if one.need.of_another] if owners else []
    if not asked:
        return [*unmet]
    holding = (" or ".join(one.need.of_another.replace("{role}", owner) for owner in owners) for one in asked)
    columns = ", ".join(f"coalesce({holds}, false)" for holds in holding)
    row = connection.execute(sent(f"select array[{columns}]")).fetchone()
    inherited = {one.need for one, holds in zip(asked, row[0] if row else (), strict=True) if holds}
    return [one for one in unmet if one.need not in inherited]


def refusals_of(unmet: Sequence[LackingNeed]) -> Iterator[tuple[str, str]]:
    """Say what is lacking, each with what helps; what belongs to one role together.

    Where something belongs to a superuser, connecting as that role is the only advice: nobody should be made a member
    of it, and it needs no grants.
    """
    alike: dict[object, list[LackingNeed]] = {}
    for one in sorted(unmet, key=lambda one: not one.by_mighty):
        alike.setdefault(one.owner or one, []).append(one)
    mighty = any(one.by_mighty for one in unmet)
    for several in alike.values():
        need, _, role, owner, by_mighty = several[0]
        what = f"{need.what}{need.instead}" if need.whole else f"the role {role} must {need.what}{need.instead}"
        help_ = need.help.replace("{role}", quoted(role))
        if owner:
            what = f"the role {role} must {_owning([one.need for one in several], quoted(owner))}"
            help_ = f"grant {quoted(owner)} to {quoted(role)};"
        if by_mighty:
            help_ = f"Connect as {quoted(owner)}: it is a superuser, and needs none of the rights that are lacking."
        elif mighty and not need.whole:
            help_ = ""
        first, *others = dict.fromkeys(action for one in several for action in one.actions)
        steps = f" (and {counted(len(others), 'other step')})" if others else ""
        yield f"{first}{steps}: {what}", help_


def _owning(needs: Sequence[Need], owner: str) -> str:
    """Say what of one owner the role must own, each once; what it may have instead, where that is the same for all."""
    owned = [*dict.fromkeys(need.what.removeprefix("own ") for need in needs)]
    belonging = f"which belong{'s' if len(owned) == 1 else ''} to {owner}"
    instead = {need.instead for need in needs}
    other = instead.pop() if len(instead) == 1 else ""
    other = other.replace(" on it ", " on them ") if len(owned) > 1 else other
    return f"own {listed_words(owned)}, {belonging}{other}"


def lacking(connection: Connection, needs: Iterable[tuple[Need, str]]) -> Iterator[LackingNeed]:
    """Return the unmet needs, each with the steps that have it and the role that lacks it."""
    wanting: dict[Need, list[str]] = {}
    for need, action in needs:
        wanting.setdefault(need, []).append(action)
    asked = [*wanting.items()]
    for start in range(0, len(asked), _TOGETHER):
        part = asked[start : start + _TOGETHER]
        columns = ", ".join(f"({need.holds}) is not false" for need, _ in part)
        row = connection.execute(sent(f"select current_user::text, array[{columns}]")).fetchone()
        if row is None:
            raise AssertionError
        role, all_hold = row
        for (need, actions), holds in zip(part, all_hold, strict=True):
            if not holds:
                yield LackingNeed(need, tuple(actions), role)
