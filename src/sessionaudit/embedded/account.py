"""Run PostgreSQL's programs as a user other than root, as they require."""

from __future__ import annotations

import errno
import os
import pwd
import subprocess
from pathlib import Path

from msgspec import Struct

from sessionaudit.errors import DatabaseError

_AS_USER = "Run the command as an ordinary user."


class Account(Struct, frozen=True):
    """The operating system user that runs the server; `name` is None if it is the user of this process."""

    name: str | None
    uid: int
    gid: int

    def run(self, command: list[str], *, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, for any exit code, and return its output as text.

        Raises DatabaseError if it takes longer than `seconds` or if this process may not act for the account, and
        PermissionError if the account cannot reach the program.
        """
        try:
            return subprocess.run(
                command,
                cwd="/",  # every user may enter it, unlike perhaps the current directory
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
                start_new_session=True,  # Ctrl-C must reach only this process, which stops the server itself
                user=self.uid if self.name else None,
                group=self.gid if self.name else None,
                extra_groups=[] if self.name else None,
            )
        except subprocess.TimeoutExpired:
            raise DatabaseError(f"{Path(command[0]).name} did not end within {seconds:g} s.") from None
        except OSError as error:
            if error.errno in {errno.EACCES, errno.ENOENT} or self.name is None:
                raise
            raise DatabaseError(
                f"PostgreSQL refuses to run as root, and this process cannot run it as {self.name}: {error.strerror}.",
                hint=_AS_USER,
            ) from error

    def succeeds(self, command: list[str]) -> bool:
        """Whether the account can reach the program and the command exits with 0."""
        try:
            return self.run(command, seconds=30).returncode == 0
        except PermissionError:
            return False


def server_account() -> Account:
    """Return the account that runs the server: the user nobody for root, else the current user.

    Raises DatabaseError for root on a system without a user nobody.
    """
    if os.geteuid() != 0:
        return Account(None, os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        message = "PostgreSQL refuses to run as root, and this system has no user nobody to run it as."
        raise DatabaseError(message, hint=_AS_USER) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _environment() -> dict[str, str]:
    # English messages, and no variable that points the programs to another server or data directory.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
