"""The contract of a database that exists in files only: it is made in a private server, and read there."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit import files
from sessionaudit.audits.migrations.folder import likeliest, listing_of, read_folder
from sessionaudit.audits.migrations.ledgers.plain import OF_ONE
from sessionaudit.core.underway import UNDERWAY
from sessionaudit.embedded.bounded import ReplayLimits
from sessionaudit.embedded.replay import FROM_THE_START, SUPABASE, USUAL_OWNER, SqlFile, replaying
from sessionaudit.errors import ScriptError, UsageError
from sessionaudit.snapshot import session
from sessionaudit.snapshot.platform import Platform
from sessionaudit.sql.text import quoted, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sessionaudit.audits.migrations.model import IgnoredFile
    from sessionaudit.embedded.replay import Replay, ReplayFailure
    from sessionaudit.snapshot.session import Made
    from sessionaudit.snapshot.taking import SnapshotOptions

_MOST_BYTES = 64 * 1024 * 1024
_MOST_SHOWN = 60  # characters of a statement, in a message
_DATABASE = "replay"
_STUBS = {Platform.supabase: SUPABASE}
# pg_dump states all privileges, as they differ from PostgreSQL's own; those that a platform gives by default, as to the
# objects of migrations, would come on top.
_DUMP = re.compile(r"^-- PostgreSQL database dump\s*$", re.MULTILINE)
_NOTHING_BY_DEFAULT = {
    Platform.supabase: "".join(
        f"alter default privileges in schema public revoke all on {what} from anon, authenticated, service_role;\n"
        for what in ("tables", "sequences", "functions")
    )
    + f"revoke all on schema public from {USUAL_OWNER}, anon, authenticated, service_role;\n"
}
# pg_dump -s writes WITH NO DATA on each materialized view, which says nothing of the database that was dumped.
_FILLED = """
do $filled$
declare
  name pg_catalog.regclass;
begin
  for name in select c.oid from pg_catalog.pg_class c where c.relkind = 'm' and not c.relispopulated order by c.oid loop
    begin
      execute pg_catalog.format('refresh materialized view %s', name);
    exception when others then null;
    end;
  end loop;
end $filled$;
"""
# An extension that the platform has from the start, and the dump may not: it stays where something depends on it.
_UNUSED = "do $unused$ begin drop extension if exists {}; exception when others then null; end $unused$;\n"
_DUMPED = re.compile(r"^-- Dumped from database version (\d+)", re.MULTILINE)
_OWNER = re.compile(r'\bowner to ("(?:[^"]|"")+"|[\w$]+)\s*;', re.IGNORECASE)
_NO_OWNER = ("current_user", "session_user", "current_role", "pg_")
_OF_PLATFORM = re.compile(r'\bauth\b|"(?:anon|authenticated|service_role)"|\bstorage\b')


class MadeOfFiles(Struct, frozen=True, kw_only=True):
    """A contract, with the extensions that files asked for and did not get, and the roles that were made for them.

    `dumped` is the major version of the database that a dump was made of, `replayed` that of the private server.
    `ignored` are the files that the migrations' tool does not see.
    """

    made: Made
    source: str
    lacking: tuple[str, ...]
    assumed: tuple[str, ...]
    replayed: int
    dumped: int | None = None
    ignored: tuple[IgnoredFile, ...] = ()


def made_of(path: Path | None, folder: Path | None, asked: SnapshotOptions) -> MadeOfFiles:
    """The contract of what a file makes, else those of a directory. Raises what `of_sql` does."""
    if path is not None:
        return of_sql(path, asked)
    if folder is None:
        raise AssertionError(asked)
    return of_migrations(folder, asked)


def of_sql(path: Path, asked: SnapshotOptions) -> MadeOfFiles:
    """The contract of what a file of SQL makes. Raises ScriptError, UsageError and DatabaseError."""
    file = _read(path)
    asked = replace(asked, source=str(path))
    if not _DUMP.search(file.text):
        return _made([file], asked)
    first = _NOTHING_BY_DEFAULT.get(asked.platform) if asked.platform else None
    before = [SqlFile(name="what the platform gives by default", text=first)] if first else []
    unnamed = [name for name in FROM_THE_START if name not in file.text] if asked.platform else []
    after = "".join([_FILLED, *(_UNUSED.format(quoted(name)) for name in unnamed)])
    made = _made([*before, file, SqlFile(name="what a dump leaves out", text=after)], asked)
    version = _DUMPED.search(file.text)
    return replace(made, dumped=int(version[1]) if version else None)


def of_migrations(folder: Path, asked: SnapshotOptions) -> MadeOfFiles:
    """The contract of what the files of a directory make, in the order of their tool. Raises the same."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a directory", hint="--sql takes a single file.")
    listing = listing_of(folder, str(folder))
    tool = likeliest(listing)
    if tool.code:
        raise UsageError(
            f"the migrations in {folder} are programs, of {tool.title}",
            hint="Let them make a database, and take the snapshot of that.",
        )
    read = read_folder(listing, tool)
    if not read.migrations:
        raise UsageError(
            f"{folder} has no file whose name ends in .sql",
            hint=f"Of directories below it, only files called {' or '.join(OF_ONE)} are read.",
        )
    if programs := [one.file for one in read.migrations if not one.is_sql]:
        raise UsageError(f"{programs[0]} is a program of {tool.title}", hint="Only files of SQL can be run.")
    files_of_it = [SqlFile(name=one.file, text=one.text) for one in read.migrations]
    made = _made(files_of_it, replace(asked, source=f"the migrations in {folder}"))
    return replace(made, ignored=read.ignored)


def _read(path: Path) -> SqlFile:
    try:
        return SqlFile(name=str(path), text=files.read(path, _MOST_BYTES).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8: byte {error.start + 1:,}", hint="Make the dump with --encoding UTF8, or convert it."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', '') or error}") from None


def _made(found: Sequence[SqlFile], asked: SnapshotOptions) -> MadeOfFiles:
    stub = _STUBS.get(asked.platform) if asked.platform else None
    owner = USUAL_OWNER if stub else _owner(found)
    limits = ReplayLimits(seconds=asked.statement_timeout)
    with replaying(_DATABASE, owner=owner, stub=stub, limits=limits) as replay:
        with UNDERWAY.doing("running files of SQL", len(found)) as running:
            for file in running.over(found):
                if failure := replay.run(file).failure:
                    raise _refusal(failure, replay, on_platform=stub is not None)
        replay.take_back()
        made = session.make(replay.url, asked)
        return MadeOfFiles(
            made=made,
            source=asked.source,
            lacking=tuple(replay.lacking),
            assumed=tuple(replay.assumed),
            replayed=replay.major,
        )


def _owner(found: Sequence[SqlFile]) -> str:
    """The role that owns most of what the files make, so that it need not be given to anybody."""
    named = Counter(unquote(match[1]) for file in found for match in _OWNER.finditer(file.text))
    return next((name for name, _ in named.most_common() if not name.startswith(_NO_OWNER)), USUAL_OWNER)


def _refusal(failure: ReplayFailure, replay: Replay, *, on_platform: bool) -> ScriptError:
    shown = " ".join(failure.statement.split())
    shown = f"{shown[:_MOST_SHOWN]}…" if len(shown) > _MOST_SHOWN else shown
    of = f", in “{shown}”" if shown else ""
    hint = failure.hint
    if not hint and replay.lacking:
        hint = f"The private server lacks {_extensions(replay.lacking)}, which the files ask for."
    elif not hint and not on_platform and _OF_PLATFORM.search(failure.message):
        hint = "If the files are for Supabase, add --platform supabase."
    return ScriptError(f"{failure.message} ({failure.state}){of}", location=failure.location, hint=hint)


def _extensions(names: Sequence[str]) -> str:
    return f"the extension{'s' if len(names) > 1 else ''} {', '.join(names)}"
