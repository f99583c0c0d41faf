"""Make an empty private database into the one that a contract states, for what is judged without a live one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.finding import Skipped
from sessionaudit.core.step import Hazard
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.replay import SUPABASE, SqlFile, replaying
from sessionaudit.errors import ScriptError
from sessionaudit.repair.propose import PlanOptions, propose
from sessionaudit.repair.script import render

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_DATABASE = "contract"
_MOST_ROUNDS = 3  # what stands on something new can be planned only when that is there


class ContractDatabase(Struct, frozen=True, kw_only=True):
    """A database with what a contract states; `unmade` says what of it could not be made, and why."""

    url: str
    unmade: tuple[Skipped, ...] = ()


@contextmanager
def contract_database(contract: Path) -> Generator[ContractDatabase]:
    """Make it in a private server, which ends with the block.

    It has what Supabase has before the first migration, and the roles that the contract names. Raises ContractError,
    and DatabaseError where there are no programs of PostgreSQL.
    """
    options = PlanOptions(allowed=frozenset(Hazard))
    with replaying(_DATABASE, stub=SUPABASE) as replay:
        unmade: tuple[Skipped, ...] = ()
        with UNDERWAY.doing("making a private database"):
            for _ in range(_MOST_ROUNDS):
                proposal = propose(replay.url, contract, options)
                unmade = tuple(Skipped("what the contract states", *refusal) for refusal in proposal.preflight.refusals)
                if not proposal.plan.steps:
                    break
                text = render(proposal.plan, title=str(contract), transactional=True, repairs={})
                if failure := replay.run(SqlFile(name=str(contract), text=text)).failure:
                    raise ScriptError(f"the contract cannot be made: {failure.message}", location=failure.location)
        yield ContractDatabase(url=replay.url, unmade=unmade)
