"""An audit in an open transaction, so that what a statement does is looked at and taken back in milliseconds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from one_connection import Inside, read_by
from sessionaudit.audits import runner
from sessionaudit.contract import loader

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from sessionaudit.core.finding import Finding


class Mutated:
    """A database to which a statement is done, that is audited, and that is as it was again."""

    def __init__(self, url: str, contract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._connection = Inside.to(url)
        self._contract = contract
        monkeypatch.setattr(loader, "outline", lru_cache(loader.outline))  # which is the same each time

    def findings(self, *statements: str) -> tuple[Finding, ...]:
        """What is found when the statements were run."""
        with self._connection.holding(*statements), read_by(self._connection):
            return runner.run(None, self._contract, runner.Options(without=("data",))).findings

    def end(self) -> None:
        """Close the connection."""
        self._connection.end()
