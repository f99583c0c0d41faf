"""The commands that do what a call of `repair` has shown."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.core.printed_commands import CALLING
from sessionaudit.core.visible import option_path
from sessionaudit.postgres.connection import Address
from sessionaudit.report.formats.plan import SQL
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.cli.repair.call import Call


def applying(call: Call, **instead: Sequence[str]) -> str:
    """The call that applies the plan.

    A script for one transaction is run by psql, not by --apply: then it is this call with a new output file.
    """
    if not call.shown.transactional or call.apply or call.shown.format is not SQL:
        return CALLING.line("repair", "--apply", instead=instead)
    names = (Path("repair.sql" if number == 1 else f"repair.{number}.sql") for number in itertools.count(1))
    file = [] if call.files.output else ["--output", next(str(name) for name in names if not name.exists())]
    return CALLING.again(*file, instead=instead)


def applying_saved(plan: Path) -> str:
    """The call that applies a saved plan."""
    made_with = ("allow", "replace", "time_zone")  # the plan includes these
    return CALLING.line("repair", "--apply", "--plan", option_path(plan), without=made_with)


def running(call: Call, script: Path) -> str:
    """The call of psql that runs a script."""
    one = ["-1"] if call.shown.transactional else []
    role = call.url.role if isinstance(call.url, Address) else ""
    works_as = ["-c", f"set role {identifier(role)}"] if role else []  # in the same session as the script
    return CALLING.psql(*one, "-v", "ON_ERROR_STOP=1", *works_as, "-f", option_path(script))
