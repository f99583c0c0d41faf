"""The walk through the program on a broken system: each command is shown and run, until nothing is found."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.visible import shell_line, shell_path, shell_word
from sessionaudit.demo import application_files, history, system
from sessionaudit.embedded.server import temporary_server
from sessionaudit.embedded.stated_address import variables_of_libpq
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, MutableMapping, Sequence

_CHECKLIST = ("--format", "checklist")
_APPLY = ("--apply", "--yes", "--allow", "rewrite", "--with-data")
_DONE = """
What was broken:
  migrations  recorded as applied, though PostgreSQL rejects them, or they add nothing
  schema      missing: a column, a policy, a grant, an index, a table in a publication; too many: a policy,
              a value of an enum; a foreign key to the wrong table, a disabled trigger, a column that blocked inserts
  rows        customers waited for requests that had never been made
  code        it asked for what was not there, and ignored the errors

What repaired it:
  schema      sessionaudit repair --apply, and with --allow loosen for the column that blocked inserts
  rows        sessionaudit backfill
  by hand     the files of the migrations and of the code, and the rows that a person must decide about

Now `sessionaudit check` finds nothing.
"""
_REMOVED = """
The server of this demo is stopped, and its directory is removed. To type the commands yourself, start another one:
  sessionaudit demo --broken broken
To stop that one and remove it:
  sessionaudit demo --stop broken
"""


class Program(NamedTuple):
    """The program that is shown: `main` runs a command, `show` prints a part of the result, `say` a message."""

    main: Callable[..., Any]
    show: Callable[[str], None]
    say: Callable[[str], None]


def walk(program: Program, reports: Path | None, *, keep: bool, no_color: bool) -> int:
    """Show the whole of it on a server of its own, and return the last exit code; with `keep` the server stays.

    The reports of the first and the last state are written into the directory `reports`, without one into a new
    temporary directory. Raises UsageError if that cannot be written.
    """
    folder = _directory(reports)
    before, after = folder / "broken.html", folder / "repaired.html"
    with temporary_server(keep=keep) as server, _surroundings(no_color=no_color) as variables:
        # The directory and an environment variable, so that the shown commands are short.
        variables["DATABASE_URL"] = system.create(server, "good", system.GOOD)
        _enter(server.directory / "new")
        _begin(program, variables["DATABASE_URL"])
        url = variables["DATABASE_URL"] = system.create(server, "broken", system.RECORDED)
        _enter(project := server.directory / "project")
        system.write_project(project)
        show = _Walk(program).show
        show("what must be true, and what is?", "check", *_CHECKLIST, *_as_html(before))
        show("what is wrong, and why?", "check", "--only", "migrations", "--only", "schema")
        show("and in the code? who would hear of it?", "scan")
        chain = (history.UNSEEN, "public.session_requests.metadata", "silent-certain-failure")
        words = [word for link in chain for word in ("--only", link)]
        show("from a migration that adds nothing to the requests that are lost, unheard", "check", *words)
        show("repair its schema", "repair", *_APPLY, hidden=("--before", "before.yaml"))
        named = ("--apply", "--yes", "--allow", "loosen", "--only", system.UNKNOWN)
        show(
            "drop NOT NULL of a column that the contract does not name",
            *("repair", *named),
            hidden=("--before", "after.yaml"),
        )
        both = ("--only", "data", "--only", "code")
        show("the schema is correct; some rows are not, and nobody heard of it", "check", *both)
        show("why is this customer still waiting?", "trace", system.STUCK)
        show("create her missing request", "backfill", system.STUCK, hidden=("--journal", "one.jsonl"))
        show("repair all other rows", "backfill", "--all", "--yes", hidden=("--journal", "others.jsonl"))
        show("two rows are left, for a person to decide", "check", "--only", "data")
        show("what would a new database still lack?", "migrations")
        show("what does the code still ask for?", "scan")
        program.show(_decided())
        system.decide(url, project)
        again = show("check again, all of it", "check")
        code = max(again, show("and what must be true?", "check", *_CHECKLIST, *_as_html(after)))
        kept = _kept(url, project, server.directory) if keep else ""
    program.show(_DONE if code == 0 else "\nNot all of it could be repaired: the last check says what is left.\n")
    program.show(f"\nReports for a browser, of the broken system and of the repaired one:\n\n{before}\n{after}\n")
    program.say(kept or _REMOVED)
    return code


def _directory(reports: Path | None) -> Path:
    if reports is None:
        return Path(tempfile.mkdtemp(prefix="sessionaudit-demo-"))
    try:
        reports.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot create the directory {reports}: {error.strerror}", hint="Choose another.") from None
    return reports.absolute()


def _as_html(file: Path) -> tuple[str, str]:
    return "--format", f"html={file}"


def _enter(directory: Path) -> None:
    directory.mkdir()
    os.chdir(directory)


def _begin(program: Program, url: str) -> None:
    """Show how to begin with a database that has no contract."""
    show = _Walk(program).show
    show("a database without a contract", "snapshot", "--only", "public.session_participants")
    show("the contract of all of it", "snapshot", "--output", "expected_schema.yaml", "--quiet")
    program.show(f"\nSomebody changes the database, in psql:\n\n    {system.CHANGE};\n")
    system.change(url)
    show("what changed?", "check")
    program.show("\nNow the system that the program was made for, and the contract that was written for it.\n")


def _decided() -> str:
    statements = "".join(f"    {statement};\n" for statement in (*system.DECISIONS, history.RENUMBER))
    files = "".join(f"    {line}\n" for line in history.corrections())
    code = "".join(f"    {line}\n" for line in application_files.corrections())
    return (
        f"\nA person corrects the files in {history.FOLDER}:\n\n{files}\n"
        f"those in {application_files.FOLDER}:\n\n{code}\nand decides, in psql:\n\n{statements}"
    )


@contextlib.contextmanager
def _surroundings(*, no_color: bool) -> Generator[MutableMapping[str, str]]:
    """Yield the environment variables of this process; restore them and the directory when the block ends."""
    before, directory = dict(os.environ), Path.cwd()
    for name in ("SESSIONAUDIT_CONTRACT", *variables_of_libpq()):  # of the user's own server
        os.environ.pop(name, None)
    if no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        yield os.environ
    finally:
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(before)


class _Walk:
    """Runs commands as a person would type them, in this process."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def show(self, told: str, name: str, *arguments: str, hidden: Sequence[str] = ()) -> int:
        """Print a command, run it, and return its exit code."""
        words = (name, *arguments)
        self._program.show(f"\n$ sessionaudit {shell_line([*words])}    # {told}\n\n")
        code = self._program.main([*words, *hidden], prog_name="sessionaudit", standalone_mode=False)
        return int(code or 0)


def _kept(url: str, project: Path, directory: Path) -> str:
    place = shell_path(project)
    return f"""
The server of this demo is still running. To type commands in it yourself:
  cd {place}
  export DATABASE_URL={shell_word(url)}
To stop it and remove its directory:
  sessionaudit demo --stop {shell_path(directory)}
"""
