"""Which privileges on relations the commands need for the rows that a contract is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.data.catalogs import target
from sessionaudit.contract.mentions import named
from sessionaudit.contract.repairs import text_of
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.contract.actor import Actor
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.contract.trace import Trace
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.node import Scalar

PRIVILEGES = SELECT, INSERT, UPDATE, DELETE = "select", "insert", "update", "delete"
# With what a repair does: its own rows are locked, and deleted again where another session made the same.
_OF_VERB = {
    "insert": (SELECT, INSERT, UPDATE, DELETE),
    "update": (SELECT, UPDATE),
    "delete": (SELECT, UPDATE, DELETE),
}


class NeededPrivilege(NamedTuple):
    """A privilege on a relation; `written` says that rows of the relation are inserted or deleted."""

    path: ObjectPath
    privilege: str
    written: bool = False


def of_counting(invariant: Invariant, contract: Contract) -> Iterator[NeededPrivilege]:
    """Yield what counting the rows of an invariant needs."""
    paths = {invariant.each.path, *((invariant.has.path,) if invariant.has else ())}
    for text in invariant.fragments:
        paths |= named(text, contract)
    yield from (NeededPrivilege(path, SELECT) for path in sorted(paths))


def of_repairing(invariant: Invariant, contract: Contract) -> Iterator[NeededPrivilege]:
    """Yield what repairing the rows of an invariant needs. Raises ContractError if a file cannot be read."""
    yield from of_counting(invariant, contract)
    yield NeededPrivilege(invariant.each.path, UPDATE)  # to lock the row that is repaired
    for file in (invariant.repair, invariant.supersede):
        if file is None:
            continue
        text = text_of(contract.file, file)
        yield from (NeededPrivilege(path, SELECT) for path in sorted(named(text, contract)))
        found = target(text, contract.schema)
        if found is not None:
            yield from (
                NeededPrivilege(found.path, one, written=one in {INSERT, DELETE}) for one in _OF_VERB[found.verb]
            )


def of_walking(contract: Contract) -> Iterator[NeededPrivilege]:
    """Yield what the role that connects needs for the steps of journeys that it sends itself."""
    for journey in contract.journeys:
        for step in (*journey.given, *journey.steps):
            if step.actor is None:
                yield from (NeededPrivilege(path, SELECT) for path in sorted(named(step.sql, contract)))
                found = target(step.sql, contract.schema)
                yield from (NeededPrivilege(found.path, one) for one in (SELECT, found.verb)) if found else ()


def of_tracing(trace: Trace, contract: Contract) -> Iterator[NeededPrivilege]:
    """Yield what the stories of a contract need."""
    paths = {trace.subject.path}
    texts = [one.sql for one in trace.by]
    for link in trace.links:
        for rows in (link.rows, link.lost.rows if link.lost else None):
            paths |= {rows.path} if rows else set()
        texts += [one.sql for one in link.show] + [one.sql for one in link.needed]
        texts += [text for text in (link.on, link.lost.on if link.lost else None) if text is not None]
    for text in texts:
        paths |= named(text, contract)
    yield from (NeededPrivilege(path, SELECT) for path in sorted(paths))


def unreadable_repair(invariant: Invariant, contract: Contract) -> str:
    """Return why the files of a repair cannot be read; "" if they can."""
    files: tuple[Scalar | None, ...] = (invariant.repair, invariant.supersede)
    try:
        for file in files:
            if file is not None:
                text_of(contract.file, file)
    except ContractError as error:
        return str(error)
    return ""


def roles_of(contract: Contract) -> dict[str, tuple[str, ...]]:
    """Return the roles that statements of a contract are sent as, each with the commands that do that."""
    found: dict[str, set[str]] = {}
    for command, actors in (
        ("trace", _tracers(contract)),
        ("probe", _walkers(contract)),
        ("check", _walkers(contract)),
    ):
        for actor in actors:
            found.setdefault(str(actor.role), set()).add(command)
    return {role: tuple(sorted(commands)) for role, commands in sorted(found.items())}


def _tracers(contract: Contract) -> Iterable[Actor]:
    links = contract.trace.links if contract.trace else ()
    return (link.actor for link in links if link.actor is not None)


def _walkers(contract: Contract) -> Iterable[Actor]:
    steps = (step for one in contract.journeys for step in (*one.given, *one.steps))
    return (step.actor for step in steps if step.actor is not None)
