"""Set up a directory for trying the program: the broken system, running, with contract, repairs and a README."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from sessionaudit.core.visible import shell_path
from sessionaudit.demo import system
from sessionaudit.embedded.directory import is_own_folder
from sessionaudit.embedded.server import stop, temporary_server
from sessionaudit.errors import UsageError

_SERVER = "server"  # the file that contains the server's directory
_ENV = "env"
_OF_OTHERS = "SESSIONAUDIT_CONTRACT PGHOSTADDR PGOPTIONS PGSERVICE PGSSLMODE"  # what may be set for another server
_LONGEST = 4096  # of a path

_PAGE = """# A broken system

The database of a marketplace in which customers wait forever, running in its own PostgreSQL server. You can break
anything: `sessionaudit demo --stop .` removes the server, and `sessionaudit demo --broken DIRECTORY` creates a new one.

- `expected_schema.yaml` is the contract: what must be true. `repairs/` holds the SQL that repairs rows.
- `supabase/migrations/` holds the migrations as they were found. The ledger says that all of them are applied.
- `application/src/` holds a part of the application, as it was found.
- `env` sets `DATABASE_URL` for `sessionaudit` and `psql "$DATABASE_URL"`. It contains a password.

In a shell, in this directory:

```sh
. ./env
```

## What is wrong?

```sh
sessionaudit check --format checklist
sessionaudit check --only migrations --only schema
sessionaudit migrations
sessionaudit scan
sessionaudit rule foreign-key-target
sessionaudit check --format html=report.html
```

## Repair the schema

The first prints SQL and changes nothing, the second applies it. The third drops NOT NULL of a column that the contract
does not name and that no insert fills: such a column is changed only if it is named.

```sh
sessionaudit repair
sessionaudit repair --apply --yes --allow rewrite --with-data
sessionaudit repair --apply --yes --allow loosen --only {unknown}
```

## Who waits, and why?

```sh
sessionaudit check --only data
sessionaudit trace {stuck}
sessionaudit backfill --dry-run {stuck}
sessionaudit backfill {stuck}
```

## Repair all rows, and undo it

```sh
sessionaudit backfill --all --dry-run
sessionaudit backfill --all --yes --journal backfill.jsonl
sessionaudit check
sessionaudit undo --yes backfill.jsonl
```

## Break something yourself

```sh
psql "$DATABASE_URL" -c 'alter table public.sessions drop column plan'
psql "$DATABASE_URL" -c 'drop policy if exists "Mechanics can view pending requests" on public.session_requests'
sessionaudit check
```

## The end

```sh
sessionaudit demo --stop .
```
"""


def page() -> str:
    """Return the README of the directory."""
    return _PAGE.format(stuck=system.STUCK, unknown=system.UNKNOWN)


def open_workshop(folder: Path) -> None:
    """Fill a new or empty directory, and leave a server running for it.

    Raises UsageError if the directory is not empty or cannot be written, DatabaseError if no server starts.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"cannot create the directory {folder}: {error.strerror}", hint="Choose another.") from None
    if not empty:
        raise UsageError(f"{folder} is not empty", hint="Name a new or empty directory.")
    try:
        with temporary_server(keep=True) as server:
            url = system.create(server, "broken", system.RECORDED)
            system.write_project(folder)
            _write(folder / _ENV, f"export DATABASE_URL={shlex.quote(url)}\nunset {_OF_OTHERS}\n", mode=0o600)
            _write(folder / "README.md", page())
            _write(folder / _SERVER, f"{server.directory}\n")
    except BaseException as error:
        for path in folder.iterdir():  # it was empty, so we have created everything in it
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            raise UsageError(f"cannot write into {folder}: {error.strerror}") from None
        raise


def opened(folder: Path) -> str:
    """What is said of a directory that was filled."""
    place = shell_path(folder)
    return (
        f"The broken system is running; {folder}/README.md describes what to try. Start with:\n\n"
        f"  cd {place}\n  . ./env\n  sessionaudit check\n\n"
        f"To stop it: sessionaudit demo --stop {place}"
    )


def stop_any(folder: Path) -> str:
    """Stop the server of a workshop, or one that the walk kept, by its own folder; gives what is said of that.

    Raises UsageError where the folder is neither.
    """
    if is_own_folder(folder.absolute()):
        stop(folder)
        return "The server is stopped, and its directory is deleted."
    if close_workshop(folder):
        return f"The server is stopped. Your files in {folder} are kept."
    return "The server had already stopped."


def close_workshop(folder: Path) -> bool:
    """Stop the server of a directory, and remove the files that refer to it; return whether it still existed.

    The file's content is only used if it names the directory of a server that this user left running, so that nothing
    else can be stopped. Raises UsageError if the directory was not created by `open_workshop`.
    """
    try:
        with (folder / _SERVER).open(encoding="utf-8") as file:
            server = Path(file.read(_LONGEST).strip())
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"{folder} is not a directory that demo --broken created, or its server has already been stopped",
            hint="Name the directory that was given to --broken.",
        ) from None
    there = is_own_folder(server)
    if there:
        stop(server)
    for name in (_SERVER, _ENV):
        (folder / name).unlink(missing_ok=True)
    return there


def _write(file: Path, text: str, *, mode: int = 0o644) -> None:
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(number, "w", encoding="utf-8") as stream:
        stream.write(text)
