"""Gather what is known of migrations: the files, the ledger, what a private server makes of them, and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.model import Migration
from sessionaudit.audits.migrations.sides import Sides, read_sides
from sessionaudit.audits.migrations.verdicts import Evidence, Verdicts, judge
from sessionaudit.contract.migrations import PLATFORMS, path_of
from sessionaudit.core.finding import Skipped
from sessionaudit.core.streams import base_of
from sessionaudit.errors import DatabaseError, UsageError
from sessionaudit.files import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.audits.migrations.effects import History
    from sessionaudit.audits.migrations.history import HistoryOptions
    from sessionaudit.contract.migrations import DeclaredMigrations
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection


_MOST_BYTES = 64 * 1024 * 1024


class MigrationOptions(Struct, frozen=True):
    """How migrations are examined: `stop` at the first file that is rejected, as a tool would; `timeout` in seconds.

    `allow_command` permits to run the contract's `replay.command`, which can do whatever the user can.
    `started` is told of each file before it runs. Of the files that `observed` names the locks are measured.
    """

    stop: bool = False
    allow_command: bool = False
    timeout: float = 30
    started: Callable[[int, Migration], None] = lambda _number, _migration: None
    observed: Callable[[Migration], bool] = lambda _migration: False


class MigrationExamination(Struct, frozen=True, kw_only=True):
    """What was known, and what is said of it."""

    evidence: Evidence
    verdicts: Verdicts


def examine_migrations(
    contract: Contract, connection: Connection | None, options: MigrationOptions
) -> MigrationExamination:
    """Examine the migrations that a contract names; without a connection only their files.

    Raises ContractError, UsageError, and DatabaseError if the database fails.
    """
    declared = contract.migrations
    if declared is None:
        raise AssertionError(contract)
    sides = read_sides(contract, connection, timeout=options.timeout)
    history, unrun = _history(contract.file, declared, sides, options)
    actual, same = None, True
    if connection is not None and history is not None:
        from sessionaudit.audits.migrations import live  # noqa: PLC0415 - without a database nothing is read

        actual = live.read(connection, history, schema=contract.schema, timeout=options.timeout)
        same = connection.info.server_version // 10_000 == history.version
    evidence = Evidence(
        tool=sides.tool,
        folder=sides.folder,
        ledger=sides.ledger,
        history=history,
        unrun=unrun,
        actual=actual,
        same_version=same,
    )
    return MigrationExamination(evidence=evidence, verdicts=judge(evidence))


def _history(
    file: str, declared: DeclaredMigrations, sides: Sides, options: MigrationOptions
) -> tuple[History | None, Skipped | None]:
    """Run the files; else say why not."""
    migrations = sides.folder.migrations
    if not migrations:
        hint = "Name the directory that has them, under “folder” in the contract or with --folder."
        return None, Skipped("the migrations", f"{sides.folder.path} has none", hint)
    if declared.command is None and not any(one.is_sql for one in migrations):
        return None, Skipped(
            "what the migrations do",
            f"those of {sides.tool.title} are programs, which are not run here",
            "Say how they are run: replay: {command: …} under “migrations”.",
        )
    if declared.command is not None and not options.allow_command:
        return None, Skipped(
            "what the migrations do",
            f"the contract says that “{declared.command}” runs them, and a command can do anything",
            "If you trust the contract: `sessionaudit migrations --allow-command`.",
        )
    from sessionaudit.audits.migrations import history  # noqa: PLC0415 - loads the private server
    from sessionaudit.embedded.bounded import ReplayLimits  # noqa: PLC0415 - the same
    from sessionaudit.embedded.replay import SUPABASE  # noqa: PLC0415 - the same

    tool = sides.tool.name
    platform = declared.platform or (tool if tool in PLATFORMS else "none")
    asked = history.HistoryOptions(
        stub=SUPABASE if platform != "none" else None,
        keep_going=not options.stop,
        limits=ReplayLimits(seconds=max(ReplayLimits().seconds, options.timeout)),
        statement_timeout=options.timeout,
        started=options.started,
        observed=options.observed,
    )
    seed = (_seed(path_of(file, declared.seed), str(declared.seed)),) if declared.seed is not None else ()
    try:
        if declared.command is not None:
            return _by_command(str(declared.command), base_of(Path(file)), asked)
        return history.replay_history((*seed, *migrations), asked), None
    except DatabaseError as error:
        return None, Skipped("what the migrations do", str(error), error.hint)


def _by_command(command: str, directory: Path, asked: HistoryOptions) -> tuple[History | None, Skipped | None]:
    """What a command makes, as one migration; why not where it failed, or made nothing."""
    from sessionaudit.audits.migrations.commands import replay_command  # noqa: PLC0415 - which few contracts have

    done = replay_command(command, directory, asked)
    if done.code == 0 and not done.stopped and not done.untouched:
        return done.history, None
    last = done.output.strip().rpartition("\n")[2]
    reason = done.stopped or (f"it ended with exit code {done.code}" if done.code else "it changed nothing")
    return None, Skipped(
        "what the migrations do",
        f"“{command}”: {reason}" + (f" ({last})" if last else ""),
        "It gets the private database in DATABASE_URL, and has to work on that.",
    )


def _seed(path: Path, shown: str) -> Migration:
    """The file that runs before the first migration. Raises UsageError."""
    try:
        text = read(path, _MOST_BYTES).decode()
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"cannot read {shown}: it is not UTF-8") from None
    return Migration(version="", name="seed", file=shown, text=text, whole_text=text, transactional=False)
