"""Audits that share one connection: each new one costs a process, which must fill its caches before it finds anything.

What reads the catalogs asks `runner.connect` for a connection, closes it, and asks for the next. Here it gets the same
one again, as new. What changes something connects for itself, and is not concerned.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import psycopg
import pytest

from sessionaudit.audits import runner
from sessionaudit.postgres import protocol

if TYPE_CHECKING:
    from collections.abc import Generator


class Kept(protocol.Connection):
    """A connection that is as new when it is closed, and stays open."""

    @classmethod
    def to(cls, url: str) -> Self:
        """Open one, as the program opens its connections."""
        return cls.connect(url, autocommit=True, prepare_threshold=None, application_name="sessionaudit")

    def close(self) -> None:
        """Stay open, without anything of what was done to the session."""
        self.rollback()
        self.role, self.role_is_superuser = "", False
        self.execute("discard all")

    def end(self) -> None:
        """Be closed at last."""
        super().close()


class Inside(Kept):
    """A connection whose transactions are savepoints in one that is open."""

    def execute(self, query: Any, *arguments: Any, **keywords: Any) -> Any:
        """Run a statement; what begins a transaction makes a savepoint."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        if not text.startswith("begin"):
            return super().execute(query, *arguments, **keywords)
        super().execute("savepoint audit")
        if "read only" in text:
            super().execute("set local transaction_read_only = on")
        return None

    def rollback(self) -> None:
        """Go back to where the transaction seemed to begin."""
        super().execute("rollback to savepoint audit")

    def close(self) -> None:
        """Stay open."""

    @contextmanager
    def holding(self, *texts: str) -> Generator[None]:
        """Until the block ends, the database has what some SQL makes; each text is one query."""
        super().execute("begin")
        try:
            for text in texts:
                psycopg.Cursor(self).execute(text.encode())  # which takes several statements
            yield
        finally:
            super().execute("rollback")


@contextmanager
def read_by(connection: Kept) -> Generator[None]:
    """Until the block ends, audits read by this connection, whatever URL they are given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "connect", lambda _url: connection)
        yield


@contextmanager
def read_by_one(url: str) -> Generator[None]:
    """Until the block ends, audits of this database read by one connection."""
    connection = Kept.to(url)
    try:
        with read_by(connection):
            yield
    finally:
        connection.end()
