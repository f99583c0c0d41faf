"""Make an empty private database into the one that a contract states, for what is judged without a live one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.contract.loader import load
from sessionaudit.core.finding import Skipped
from sessionaudit.core.step import Hazard
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.replay import SUPABASE, SqlFile, replaying
from sessionaudit.kinds import KINDS
from sessionaudit.repair.propose import PlanOptions, propose
from sessionaudit.repair.script import render

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from sessionaudit.contract.model import Contract
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.embedded.replay import Replay, ReplayFailure
    from sessionaudit.repair.plan import Plan

_DATABASE = "contract"
_OWNER = "owner"  # the facet of every kind that has one
_MOST_ROUNDS = 3  # what stands on something new can be planned only when that is there


class UnmadeObject(NamedTuple):
    """An object of a contract that could not be made, and the server's error with its SQLSTATE."""

    ref: ObjectRef
    message: str
    state: str


class ContractDatabase(Struct, frozen=True, kw_only=True):
    """A database with what a contract states; `unmade` says what of it could not be made, and why.

    `failed` are the objects among that of which the server rejected the statements.
    """

    url: str
    unmade: tuple[Skipped, ...] = ()
    failed: tuple[UnmadeObject, ...] = ()


@contextmanager
def contract_database(contract: Path) -> Generator[ContractDatabase]:
    """Make it in a private server, which ends with the block.

    It has what Supabase has before the first migration, and the roles that the contract names. Raises ContractError,
    and DatabaseError where there are no programs of PostgreSQL.
    """
    options = PlanOptions(allowed=frozenset(Hazard))
    roles = roles_of(load(contract))
    with replaying(_DATABASE, stub=SUPABASE) as replay:
        replay.assume(roles)
        unmade: tuple[Skipped, ...] = ()
        failed: list[UnmadeObject] = []
        with UNDERWAY.doing("making a private database"):
            for _ in range(_MOST_ROUNDS):
                proposal = propose(replay.url, contract, options)
                unmade = tuple(Skipped("what the contract states", *refusal) for refusal in proposal.preflight.refusals)
                known = [one.ref for one in failed]
                if all(step.ref in known for step in proposal.plan.steps):
                    break
                failed = []
                if _run(replay, proposal.plan, str(contract)):  # then all but what fails
                    failed = [*_one_by_one(replay, proposal.plan)]
        unmade += tuple(Skipped(str(one.ref), one.message, about=(one.ref,)) for one in failed)
        yield ContractDatabase(url=replay.url, unmade=unmade, failed=tuple(failed))


def _run(replay: Replay, plan: Plan, title: str) -> ReplayFailure | None:
    """Run a plan in one transaction, and return the error."""
    text = render(plan, title=title, transactional=True, repairs={})
    return replay.run(SqlFile(name=title, text=text)).failure


def _one_by_one(replay: Replay, plan: Plan) -> Iterator[UnmadeObject]:
    """Run each step in a transaction of its own, and yield what fails."""
    for step in plan.steps:
        alone = replace(plan, steps=(step,), after=(frozenset(),), held=(), uncured=())
        if failure := _run(replay, alone, str(step.ref)):
            yield UnmadeObject(step.ref, failure.message, failure.state)


def roles_of(contract: Contract) -> tuple[str, ...]:
    """Return the roles that the objects of a contract name or belong to, but for those that every server has."""
    found: set[str] = set()
    for kind in KINDS:
        for path, entry in contract.objects[kind.name].items():
            if entry.value is not None:
                found.update(kind.roles(path, entry.value) if kind.roles else ())
                found.update(kind.belongs_to(path) if kind.belongs_to else ())
                owners = (one.show(entry.value) for one in kind.attributes if one.facet == _OWNER)
                found.update(owner for owner in owners if owner)
    return tuple(sorted(role for role in found if role != "public" and not role.startswith("pg_")))
