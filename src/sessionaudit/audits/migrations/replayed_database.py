"""Make an empty private database into what the files of migrations make, for what is judged by that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.audits.migrations.sides import read_sides
from sessionaudit.contract.migrations import PLATFORMS
from sessionaudit.core.finding import Skipped
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.replay import SUPABASE, SqlFile, replaying
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionaudit.contract.model import Contract

_DATABASE = "migrations"
_REFUSED = "the private server refuses its line {line}: {why}"
_WHICH = "See which, and why: `sessionaudit migrations --files-only`."
_NO_SECTION = "Add it to the contract: migrations: {folder: supabase/migrations}."


class ReplayedDatabase(NamedTuple):
    """A database that the files have made.

    `unmade` says which of them did not run to their end, and `unmade_texts` are the texts of these.
    """

    url: str
    unmade: tuple[Skipped, ...]
    unmade_texts: tuple[str, ...]


@contextmanager
def replayed_database(contract: Contract) -> Generator[ReplayedDatabase]:
    """Run the files that a contract names, each in one transaction, in a private server, which ends with the block.

    Raises ContractError, UsageError, and DatabaseError where there are no programs of PostgreSQL.
    """
    declared = contract.migrations
    if declared is None:
        raise UsageError("the contract has no section “migrations”", hint=_NO_SECTION)
    sides = read_sides(contract, None, timeout=0)
    if not any(one.runs for one in sides.folder.migrations):
        raise UsageError(f"{sides.folder.path} has no migrations that are files of SQL")
    on_platform = (declared.platform or (sides.tool.name if sides.tool.name in PLATFORMS else "none")) != "none"
    with replaying(_DATABASE, stub=SUPABASE if on_platform else None) as replay:
        files = [SqlFile(name=one.file, text=one.text) for one in sides.folder.migrations if one.runs]
        with UNDERWAY.doing("running migrations", len(files)) as running:
            runs = [replay.run(file) for file in running.over(files)]
        failed = [(file, run.failure) for file, run in zip(files, runs, strict=True) if run.failure is not None]
        unmade = tuple(
            Skipped(f"what {file.name} makes", _REFUSED.format(why=why.message, line=why.location.line), _WHICH)
            for file, why in failed
        )
        yield ReplayedDatabase(replay.url, unmade, tuple(file.text for file, _ in failed))
