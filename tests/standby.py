"""A server that follows another, which never sends anything."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from servers import connect
from sessionaudit.embedded.account import server_account
from sessionaudit.embedded.binaries import find_binaries
from sessionaudit.embedded.server import temporary_server

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import LiteralString


@contextmanager
def standby_of(texts: LiteralString) -> Generator[str]:
    """Yield the URL of a standby on which these statements were run before."""
    binaries = find_binaries()
    account = server_account()
    with temporary_server(binaries) as server:
        with connect(server.url()) as connection:
            connection.execute(texts)
        run = server.directory / "run"
        copied = list(server.directory.glob("install/**/pg_ctl"))
        program = str(copied[0] if copied else binaries.directory / "pg_ctl")
        account.run(["touch", str(run / "data" / "standby.signal")], seconds=10)
        how = ["restart", "--wait", "--mode=fast", "--silent", f"--pgdata={run / 'data'}", f"--log={run / 'log'}"]
        done = account.run([program, *how], seconds=60)
        assert done.returncode == 0, done.stderr
        yield server.url()
