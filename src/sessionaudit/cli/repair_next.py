"""The commands to type after a plan was shown or applied: whole, so that they do what was just shown."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import option_path
from sessionaudit.postgres.connection import Address
from sessionaudit.report.formats.plan import SQL
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.cli.repair_call import Call
    from sessionaudit.repair.propose import PlanOptions, Proposal

_UNPROMPTED = {Hazard.LOOSEN, Hazard.OPEN}  # what to lose, or to let in, a person must ask for unprompted


def commands(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The commands to type next, each with what stands before it: whole, so that they do what was just shown."""
    if proposal.preflight.refusals:
        return []
    if call.save_plan and proposal.plan.steps:  # also where the same is in a script, for people to read
        return [("After reviewing it", _with_plan(call.save_plan))]
    if call.output and call.format is SQL and proposal.plan.steps:
        return [("After reviewing it", _psql(call, call.output))]
    told = [("Next", _again(call))] if proposal.plan.steps else []
    return [*told, *released(call, asked, proposal)]


def _psql(call: Call, script: Path) -> str:
    one = ["-1"] if call.transactional else []
    role = call.url.role if isinstance(call.url, Address) else ""
    works_as = ["-c", f"set role {identifier(role)}"] if role else []  # of the same session as the script
    return CALLING.psql(*one, "-v", "ON_ERROR_STOP=1", *works_as, "-f", option_path(script))


def _again(call: Call, **instead: Sequence[str]) -> str:
    """The call that does what was just shown.

    One transaction is for psql to run, and not for --apply: that is this call, with a file that is not there yet.
    """
    if not call.transactional or call.apply or call.format is not SQL:
        return CALLING.line("repair", "--apply", instead=instead)
    names = (Path("repair.sql" if number == 1 else f"repair.{number}.sql") for number in itertools.count(1))
    file = [] if call.output else ["--output", next(str(name) for name in names if not name.exists())]
    return CALLING.again(*file, instead=instead)


def _with_plan(plan: Path) -> str:
    made_with = ("allow", "replace", "time_zone")  # the plan has these
    return CALLING.line("repair", "--apply", "--plan", option_path(plan), without=made_with)


def missing(asked: PlanOptions, proposal: Proposal) -> tuple[list[Hazard], bool]:
    """The hazards that would let steps run that are held back, once allowed, and whether a data repair would."""
    unasked = _UNPROMPTED - asked.allowed
    held = [one for one in proposal.plan.held if unasked.isdisjoint(one.allow)]
    hazards = {hazard for one in held for hazard in one.allow} - asked.allowed
    return sorted(hazards), any(one.by_data for one in held) and not asked.with_data


def words(hazards: Iterable[Hazard], *, with_data: bool) -> list[str]:
    """What a call says to allow these."""
    allow = [word for hazard in hazards if hazard.gated for word in ("--allow", str(hazard))]
    return [*allow, *(["--with-data"] if with_data else [])]


def released(call: Call, asked: PlanOptions, proposal: Proposal) -> list[tuple[str, str]]:
    """The command by which what is held back would run too, where a call can say so."""
    hazards, by_data = missing(asked, proposal)
    if not hazards and not by_data:
        return []
    again = _again(
        call,
        allow=words(sorted({*hazards, *asked.allowed}), with_data=False),
        with_data=words((), with_data=by_data or asked.with_data),
        # A saved plan was made with what it may; what is allowed now takes another one.
        plan=["--plan", option_path(call.plan)] if call.plan and not hazards else [],
    )
    return [("To include the steps held back", again)]
