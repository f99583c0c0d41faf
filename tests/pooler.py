"""PgBouncer in front of the tests' server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from sessionaudit.embedded.account import server_account

if TYPE_CHECKING:
    from collections.abc import Generator

UNPACKED = Path(__file__).parents[1] / ".cache" / "pgbouncer"


@contextmanager
def running_pooler(server_url: str, *, size: int, mode: str = "transaction") -> Generator[str]:
    """Yield a URL that leads to the server through a pool of `size` connections for each database.

    Whoever comes is let in, and works as the user of `server_url`. Skips where there is no PgBouncer.
    """
    parts = urlsplit(server_url)
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="sessionaudit-pooler-"))
    try:
        program = _program(folder)
        port = _free_port()
        target = {"host": parts.hostname, "port": parts.port or 5432, "user": unquote(parts.username or "")}
        target["password"] = unquote(parts.password or "")
        words = " ".join(f"{word}='{str(value).replace(chr(39), chr(39) * 2)}'" for word, value in target.items())
        (folder / "pooler.ini").write_text(
            f"[databases]\n* = {words}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 200\n"
        )
        for path in (folder, folder / "pooler.ini"):  # the folder is ours alone until its files are there
            os.chown(path, account.uid, account.gid)
        process = subprocess.Popen(
            [program, "--quiet", str(folder / "pooler.ini")],
            cwd="/",
            env={**os.environ, "LD_LIBRARY_PATH": str(folder / "lib")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            user=account.uid if account.name else None,
            group=account.gid if account.name else None,
            extra_groups=[] if account.name else None,
        )
        try:
            url = parts._replace(netloc=f"anybody@127.0.0.1:{port}").geturl()
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.communicate(timeout=10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(folder: Path) -> Path:
    """Copy the program to where its user can reach it, with its libraries if they came with it."""
    found = shutil.which("pgbouncer") or str(UNPACKED / "usr" / "sbin" / "pgbouncer")
    if not Path(found).is_file():
        pytest.skip("there is no PgBouncer on this machine; `make .cache/pgbouncer` gets Debian's")
    (folder / "lib").mkdir()
    if found.startswith(str(UNPACKED)):
        for library in UNPACKED.glob("usr/lib/*-linux-gnu/*.so*"):
            shutil.copy(library, folder / "lib")
    (folder / "lib").chmod(0o755)
    return Path(shutil.copy(found, folder / "pgbouncer"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > patience:
                process.kill()
                raise AssertionError(process.communicate()[1].decode()) from None
            time.sleep(0.02)
        else:
            return
