"""The way back of a repair: what it is about to change, as a contract, with the command that leads back."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionaudit.backfill.journal import state_folder
from sessionaudit.cli.outcome import say
from sessionaudit.cli.writing import replace_file
from sessionaudit.core.calling import CALLING
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.visible import option_path, shell_word
from sessionaudit.errors import SessionAuditError
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sessionaudit.core.step import Hazard
    from sessionaudit.postgres.connection import Url
    from sessionaudit.repair.propose import Proposal

# What of a call is for its own contract, and not for the one that leads back.
_OF_APPLYING = ("log", "lock_timeout", "lock_wait", "fail_on")
_OF_THIS = ("only", "ignore", "allow", "with_data", "replace", "time_zone", "before", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """A file of it: `title` is what it begins with, `earlier` those of runs before it."""

    file: Path
    title: str
    proposal: Proposal
    earlier: tuple[Path, ...]

    def write(self, allow: Iterable[Hazard] | None = None) -> None:
        """Write it; `allow` are the hazards that lead back, None while they are not known. Raises UsageError."""
        contract = {"contract": ("-c", option_path(self.file.resolve()))}
        lines = [self.title]
        if allow is None:
            line = CALLING.line("repair", instead=contract, without=(*_OF_THIS, *_OF_APPLYING))
            lines += ["This shows how to go back (dropped data cannot be restored), and which hazards to allow:"]
        else:
            words = [word for hazard in allow for word in ("--allow", str(hazard))]
            line = CALLING.line("repair", "--apply", *words, instead=contract, without=_OF_THIS)
            lines += ["To go back (dropped data cannot be restored):"]
        lines += [f"  {line}"]
        if self.earlier:
            led = _listed(self.earlier)
            lines += [f"This goes back to before this run only. To go back further, apply afterwards: {led}."]
        replace_file(self.file, propose.before(self.proposal, "\n".join(lines)), "--before")


def begin(proposal: Proposal, wanted: Path | None, *, quiet: bool) -> WayBack:
    """Write what a plan changes, as it is now; never over a file that says what it was before that.

    `wanted` is where; None is where journals are. Raises UsageError where that cannot be.
    """
    stamp = dt.datetime.now(tz=dt.UTC)
    wanted = wanted or state_folder.ready("the way back", "--before") / f"{stamp:%Y%m%dT%H%M%SZ}.before.yaml"
    names = (wanted, *(wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}") for number in range(2, 1000)))
    found = tuple(itertools.takewhile(lambda name: name.exists(), names))
    title = (
        f"State of what sessionaudit repair was about to change in the database {proposal.report.where.name}, at "
        f"{stamp:%Y-%m-%d %H:%M:%S} UTC."
    )
    way = WayBack(file=names[len(found)], title=title, proposal=proposal, earlier=found[::-1])
    way.write()
    if not quiet:
        after = f"; to go back further, apply afterwards: {_listed(way.earlier)}" if way.earlier else ""
        say(f"The previous state is saved in {way.file}{after}")
    return way


def end(url: Url, way: WayBack, *, quiet: bool) -> None:
    """Name what leads back, now that this is known; where nothing was changed there is no way back."""
    if not way.file.is_file():
        return
    if not CHANGES.any:
        with contextlib.suppress(OSError):
            way.file.unlink()
        if not quiet:
            say(f"Nothing was changed, so {way.file} was removed.")
        return
    with contextlib.suppress(SessionAuditError):  # then it says how to find out
        held = propose.propose(url, way.file, propose.Options()).plan.held
        way.write(sorted({hazard for one in held for hazard in one.allow}))


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(shell_word(file.name) for file in files)
