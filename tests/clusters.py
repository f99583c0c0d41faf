"""What initdb makes, made once for each process of a run and copied: it costs ten times what a copy does.

A copy has the password and the system identifier of the first; where these matter, the server is made in `made_anew`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sessionaudit.embedded import server
from sessionaudit.embedded.account import server_account
from sessionaudit.embedded.directory import claimed_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from sessionaudit.embedded.account import Account
    from sessionaudit.embedded.binaries import Binaries

    _Initialise = Callable[[Path, Binaries, Account, str, str], None]

_Kind = tuple[str, "Path | None", str | None, str]


class _Clusters:
    """Data directories as initdb left them, by what it was called with."""

    def __init__(self, folder: Path, initialise: _Initialise) -> None:
        self.anew = 0
        self._folder, self._initialise = folder, initialise
        self._made: dict[_Kind, Path] = {}

    def initialise(self, run: Path, binaries: Binaries, account: Account, user: str, password: str) -> None:
        """Make a data directory, in place of what the server has for that."""
        # Programs that the server's user could not reach are copied into each server's own directory.
        place = None if binaries.directory.is_relative_to(run.parent) else binaries.directory
        kind = (binaries.version, place, account.name, user)
        made = self._made.get(kind)
        if made and not self.anew:
            run.mkdir(mode=0o700)
            if account.name:
                os.chown(run, account.uid, account.gid)
            _copy(made, run / "data")
            return
        self._initialise(run, binaries, account, user, password)
        if not self.anew:
            made = self._folder / str(len(self._made))
            _copy(run / "data", made)
            self._made[kind] = made


_in_use: list[_Clusters] = []


@contextmanager
def copied_clusters() -> Generator[None]:
    """Until the block ends, the second server of a kind in this process gets a copy of what the first one got."""
    password = secrets.token_urlsafe(24)
    with claimed_folder(server_account()) as folder, pytest.MonkeyPatch.context() as patch:
        clusters = _Clusters(folder, vars(server)["_initialise"])
        patch.setattr(server, "secrets", SimpleNamespace(token_urlsafe=lambda _bytes: password))
        patch.setattr(server, "_initialise", clusters.initialise)
        _in_use.append(clusters)
        try:
            yield
        finally:
            _in_use.remove(clusters)
            shutil.rmtree(folder)


@contextmanager
def made_anew() -> Generator[None]:
    """Until the block ends, servers are what initdb makes for them alone."""
    for clusters in _in_use:
        clusters.anew += 1
    try:
        yield
    finally:
        for clusters in _in_use:
            clusters.anew -= 1


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
