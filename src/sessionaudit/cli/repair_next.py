"""Make the commands to type after a plan was shown or applied, with all options that the plan needs."""

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
    from sessionaudit.repair.propose import Options, Proposal

_UNPROMPTED = {Hazard.LOOSEN, Hazard.OPEN}  # hazards that are never suggested: a person must decide on them


def commands(call: Call, asked: Options, proposal: Proposal) -> list[tuple[str, str]]:
    """Return the commands to type next, each with its description and all options that the plan needs."""
    if proposal.preflight.refusals:
        return []
    if call.save_plan and proposal.plan.steps:  # also if a script with the same steps was printed
        return [("After reviewing it", _with_plan(call.save_plan))]
    if call.output and call.format is SQL and proposal.plan.steps:
        return [("After reviewing it", _psql(call, call.output))]
    told = [("Next", _again(call))] if proposal.plan.steps else []
    return [*told, *released(call, asked, proposal)]


def _psql(call: Call, script: Path) -> str:
    one = ["-1"] if call.transactional else []
    role = call.url.role if isinstance(call.url, Address) else ""
    works_as = ["-c", f"set role {identifier(role)}"] if role else []  # in the same session as the script
    return CALLING.psql(*one, "-v", "ON_ERROR_STOP=1", *works_as, "-f", option_path(script))


def _again(call: Call, **instead: Sequence[str]) -> str:
    """Return the command that does what was just shown.

    A script for one transaction is run by psql, not by --apply: then it is this call with a new output file.
    """
    if not call.transactional or call.apply or call.format is not SQL:
        return CALLING.line("repair", "--apply", instead=instead)
    names = (Path("repair.sql" if number == 1 else f"repair.{number}.sql") for number in itertools.count(1))
    file = [] if call.output else ["--output", next(str(name) for name in names if not name.exists())]
    return CALLING.again(*file, instead=instead)


def _with_plan(plan: Path) -> str:
    made_with = ("allow", "replace", "time_zone")  # the plan includes these
    return CALLING.line("repair", "--apply", "--plan", option_path(plan), without=made_with)


def missing(asked: Options, proposal: Proposal) -> tuple[list[Hazard], bool]:
    """Return the hazards to allow so that held-back steps run, and whether a data repair is needed."""
    unasked = _UNPROMPTED - asked.allowed
    held = [one for one in proposal.plan.held if unasked.isdisjoint(one.allow)]
    hazards = {hazard for one in held for hazard in one.allow} - asked.allowed
    return sorted(hazards), any(one.by_data for one in held) and not asked.with_data


def words(hazards: Iterable[Hazard], *, with_data: bool) -> list[str]:
    """Return the options that allow these."""
    allow = [word for hazard in hazards if hazard.gated for word in ("--allow", str(hazard))]
    return [*allow, *(["--with-data"] if with_data else [])]


def released(call: Call, asked: Options, proposal: Proposal) -> list[tuple[str, str]]:
    """Return the command that also runs the held-back steps, if options can let them run."""
    hazards, by_data = missing(asked, proposal)
    if not hazards and not by_data:
        return []
    again = _again(
        call,
        allow=words(sorted({*hazards, *asked.allowed}), with_data=False),
        with_data=words((), with_data=by_data or asked.with_data),
        # A saved plan includes its allowed hazards; to allow more, a new plan is needed.
        plan=["--plan", option_path(call.plan)] if call.plan and not hazards else [],
    )
    return [("To include the steps held back", again)]
