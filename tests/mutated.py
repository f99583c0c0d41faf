"""An audit in an open transaction, so that what a statement does is looked at and taken back in milliseconds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sessionaudit.audits import runner
from sessionaudit.postgres import protocol

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from sessionaudit.core.finding import Finding


class Inside(protocol.Connection):
    """A connection whose transactions are savepoints in one that is open, and that stays open when it is closed."""

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

    def end(self) -> None:
        """Be closed at last."""
        super().close()


class Mutated:
    """A database to which a statement is done, that is audited, and that is as it was again."""

    def __init__(self, url: str, contract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._connection = Inside.connect(url, autocommit=True, prepare_threshold=None)
        self._contract = contract
        monkeypatch.setattr(runner, "connect", lambda _url: self._connection)
        monkeypatch.setattr(runner, "outline", lru_cache(runner.outline))  # which is the same each time

    def findings(self, *statements: str) -> tuple[Finding, ...]:
        """What is found when the statements were run."""
        run = protocol.Connection.execute
        run(self._connection, "begin")
        try:
            for statement in statements:
                run(self._connection, statement.encode())
            return runner.run(None, self._contract, runner.Options(without=("data",))).findings
        finally:
            run(self._connection, "rollback")

    def end(self) -> None:
        """Close the connection."""
        self._connection.end()
