"""Runs PostgreSQL's programs as a user other than root, as they require."""

from __future__ import annotations

import errno
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sessionaudit.errors import DatabaseError

_AS_USER = "Run the command as an ordinary user."


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that runs the server; `name` is None when that is the user of this process."""

    name: str | None
    uid: int
    gid: int

    def run(self, command: list[str], *, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit code, and return its output as text.

        Raises DatabaseError when it takes longer than `seconds` or when this process may not act for the account;
        PermissionError when the account cannot reach the program.
        """
        try:
            return subprocess.run(
                command,
                cwd="/",  # every user may enter it, which need not hold for the current folder
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
                start_new_session=True,  # the terminal's Ctrl-C is for us: we stop the server when we are ready
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
        """Tell whether the account can reach the program and the command exits with 0."""
        try:
            return self.run(command, seconds=30).returncode == 0
        except PermissionError:
            return False


def server_account() -> Account:
    """Return the account to run the server as: nobody for root, oneself for everyone else.

    Raises DatabaseError for root on a system without the user nobody.
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
    # English messages, and nothing that would lead the programs to another server or data folder.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
